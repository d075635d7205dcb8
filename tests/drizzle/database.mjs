// A connection as the platform's programs make it.

import { drizzle } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';
import * as schema from './schema.mjs';

/** The client and Drizzle over it, for a DATABASE_URL that may name the folder of a socket as its host or as `?host=/folder`. */
export function connect(url) {
  const address = new URL(url);
  const socket = address.searchParams.get('host') ?? decodeURIComponent(address.hostname);
  const options = { max: 4, prepare: true, onnotice: () => {} };
  if (socket?.startsWith('/')) {
    // This client does not read such an address by itself.
    address.searchParams.delete('host');
    address.hostname = 'localhost';
    Object.assign(options, { path: `${socket}/.s.PGSQL.${address.port || '5432'}` });
  }
  const client = postgres(address.href, options);
  return { client, db: drizzle(client, { schema }) };
}
