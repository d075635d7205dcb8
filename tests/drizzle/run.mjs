// Writes every shared table through the platform's own Drizzle schema, reads it back and compares.
// Usage: node run.mjs DATABASE_URL   (or DATABASE_URL in the environment). May be run again on the same database.

import { getTableColumns, getTableName, is, eq, desc, and, sql } from 'drizzle-orm';
import { PgTable } from 'drizzle-orm/pg-core';
import { createId } from '@paralleldrive/cuid2';
import * as schema from './schema.mjs';
import { connect } from './database.mjs';

const url = process.argv[2] ?? process.env.DATABASE_URL;
if (!url) {
  console.error('usage: node run.mjs DATABASE_URL');
  process.exit(2);
}
const { client, db } = connect(url);

let passed = 0;
let failed = 0;
function check(name, good, detail = '') {
  if (good) passed += 1;
  else {
    failed += 1;
    console.error(`FAILED ${name} ${detail}`);
  }
}
const plain = (value) => (value instanceof Date ? value.toISOString() : JSON.stringify(value ?? null, sortedKeys));
function sortedKeys(_, value) {
  if (!value || typeof value !== 'object' || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
function same(name, expected, got) {
  for (const key of Object.keys(expected)) {
    check(`${name}.${key}`, plain(expected[key]) === plain(got?.[key]), `${plain(expected[key])} is ${plain(got?.[key])}`);
  }
}

// A value for a column that is not in the way of any rule.
const moment = new Date('2026-02-10T03:04:05.678Z');
function valueFor(column, salt) {
  switch (column.dataType) {
    case 'string': return `${column.name}-${salt}`;
    case 'number': return 1000 + salt.length;
    case 'boolean': return true;
    case 'date': return moment;
    case 'json': return { text: 'Teh "hijau" 🍵', list: [1, 2.5, null, true], nested: { salt } };
    default: throw new Error(`no value for ${column.name}: ${column.dataType}`);
  }
}

// Parents first; payments and orders point at each other.
const order = [
  'users', 'stores', 'customers', 'products', 'productVariants', 'orders', 'orderItems', 'orderStatusHistory',
  'payments', 'paymentMethods', 'refunds', 'paymentWebhookLogs', 'inventoryReservations', 'inventoryMovements',
  'eventAuditLog', 'customerMessages', 'paymentAuditLog',
];
const parents = {
  ownerId: 'users', storeId: 'stores', customerId: 'customers', productId: 'products', orderId: 'orders', paymentId: 'payments',
};

async function everyTable() {
  const tables = Object.values(schema).filter((value) => is(value, PgTable));
  check('17 tables', tables.length === 17 && order.length === 17);
  const ids = {};
  for (const fill of ['full', 'least']) {
    for (const name of order) {
      const table = schema[name];
      const salt = createId();
      const values = {};
      for (const [key, column] of Object.entries(getTableColumns(table))) {
        if (key === 'id') continue;
        const parent = parents[key];
        if (fill === 'least' && (!column.notNull || column.hasDefault)) continue;
        if (parent && ids[parent]) values[key] = ids[parent];
        else if (key === 'paymentId') continue;
        else values[key] = valueFor(column, salt);
      }
      if (name === 'users') delete values.storeId;
      const [inserted] = await db.insert(table).values(values).returning();
      const [read] = await db.select().from(table).where(eq(table.id, inserted.id));
      same(`${fill} ${getTableName(table)}`, values, read);
      check(`${fill} ${getTableName(table)} id`, /^[a-z0-9]{24}$/.test(read.id));
      for (const [key, column] of Object.entries(getTableColumns(table))) {
        if (fill !== 'least' || key in values || !column.hasDefault || column.defaultFn) continue;
        if (column.dataType === 'date') {
          // Within minutes of our own clock: the session, and with it every default, speaks UTC.
          const drift = Math.abs(Date.now() - read[key].getTime());
          check(`${getTableName(table)}.${key} is now in UTC`, drift < 5 * 60_000, `off by ${drift} ms`);
        } else {
          check(`${getTableName(table)}.${key} default`, plain(read[key]) === plain(column.default), plain(read[key]));
        }
      }
      const updatable = Object.entries(getTableColumns(table)).find(([, column]) => column.dataType === 'json');
      if (updatable) {
        await db.update(table).set({ [updatable[0]]: { changed: salt } }).where(eq(table.id, read.id));
        const [again] = await db.select().from(table).where(eq(table.id, read.id));
        check(`${getTableName(table)} update`, again[updatable[0]].changed === salt);
      }
      if (fill === 'full') ids[name] = read.id;
    }
  }
  // The circle: an order names its payment.
  await db.update(schema.orders).set({ paymentId: ids.payments }).where(eq(schema.orders.id, ids.orders));
  const [circle] = await db.select().from(schema.orders).innerJoin(schema.payments, eq(schema.orders.paymentId, schema.payments.id))
    .where(eq(schema.orders.id, ids.orders));
  check('orders and payments point at each other', circle?.payments.orderId === ids.orders);
  await refuses('an order of no customer', db.insert(schema.orders).values({
    storeId: ids.stores, customerId: 'nobody', orderNumber: createId(), subtotal: 1, totalAmount: 1, shippingAddress: {},
  }));
  await refuses('a second shop of one slug', db.insert(schema.stores).values({
    ownerId: ids.users, name: 'x', slug: (await db.select().from(schema.stores).where(eq(schema.stores.id, ids.stores)))[0].slug,
    email: 'x', phone: 'x',
  }));
}

async function refuses(name, query) {
  const refused = await query.then(() => false, () => true);
  check(`refused: ${name}`, refused);
}

// What the document seeds for development. On a database that has it already, under names of its own.
async function seed() {
  const taken = await db.select().from(schema.users).where(eq(schema.users.email, 'owner@example.com'));
  const takenSlug = await db.select().from(schema.stores).where(eq(schema.stores.slug, 'bella-teh'));
  const own = taken.length + takenSlug.length > 0 ? `-${createId()}` : '';
  const [user] = await db.insert(schema.users).values({
    email: `owner@example.com${own}`, phone: '081234567890', name: 'Bella Teh', passwordHash: 'hashed_password', emailVerified: true,
  }).returning();
  same('seed user', { role: 'owner', language: 'id', timezone: 'Asia/Jakarta', theme: 'light', status: 'active', phoneVerified: false }, user);
  const [store] = await db.insert(schema.stores).values({
    ownerId: user.id, name: 'Bella Teh Indonesia', slug: `bella-teh${own}`, email: 'store@example.com', phone: '081234567890',
    businessType: 'food', whatsappNumber: '081234567890',
  }).returning();
  same('seed store', { currency: 'IDR', taxRate: 12, status: 'active', metadata: null }, store);
  const customers = await db.insert(schema.customers).values([
    { storeId: store.id, name: 'Ahmad', phone: '081234567891', segment: 'regular' },
    { storeId: store.id, name: 'Siti', phone: '081234567892', segment: 'vip' },
  ]).returning();
  check('seed customers', customers.length === 2 && customers.every((one) => one.totalSpent === 0 && one.orderCount === 0));
  const products = await db.insert(schema.products).values([
    { storeId: store.id, name: 'Teh Hijau Organik', price: 50000, costPrice: 20000, stock: 100, reorderLevel: 20 },
    { storeId: store.id, name: 'Teh Putih Premium', price: 75000, costPrice: 30000, stock: 50, reorderLevel: 15 },
  ]).returning();
  same('seed product', { price: 50000, stock: 100, currency: 'IDR', hasVariants: false, status: 'active' }, products[0]);
  return { store, customer: customers[0], products };
}

// The document's usage example: a customer with their newest orders.
async function usage({ store, customer, products }) {
  for (const [index, product] of products.entries()) {
    const [placed] = await db.insert(schema.orders).values({
      storeId: store.id, customerId: customer.id, orderNumber: `ORD-2026-000${index + 1}`, subtotal: product.price,
      taxAmount: 0, totalAmount: product.price, shippingAddress: { street: 'Jl. Melati 1', city: 'Bandung', zip: '40111', name: 'Ahmad', phone: '081234567891' },
      items: [{ productId: product.id, name: product.name, price: product.price, quantity: 1 }],
      createdAt: new Date(moment.getTime() + index * 1000),
    }).returning();
    await db.insert(schema.orderItems).values({ orderId: placed.id, productId: product.id, quantity: 1, price: product.price, subtotal: product.price });
  }
  const found = await db.select().from(schema.customers).where(eq(schema.customers.id, customer.id)).limit(1);
  const recent = await db.select().from(schema.orders).where(eq(schema.orders.customerId, customer.id))
    .orderBy(desc(schema.orders.createdAt)).limit(10);
  check('getCustomerWithOrders', found[0]?.name === 'Ahmad' && recent.length === 2 && recent[0].orderNumber === 'ORD-2026-0002');
  check('an order reads back as written', recent[0].items[0].price === 75000 && recent[0].status === 'created' && recent[0].discountAmount === 0);
  const lines = await db.select().from(schema.orderItems).where(and(eq(schema.orderItems.orderId, recent[0].id), eq(schema.orderItems.quantity, 1)));
  check('its lines too', lines.length === 1 && lines[0].subtotal === 75000);
}

async function indexes() {
  const rows = await db.execute(sql`select indexname from pg_indexes where schemaname = 'public'`);
  const present = new Set(rows.map((row) => row.indexname));
  for (const name of schema.indexNames) check(`index ${name}`, present.has(name));
}

// Column by column: name, type, nullability and whether there is a default.
async function columns() {
  const types = { text: 'text', integer: 'integer', boolean: 'boolean', timestamp: 'timestamp without time zone', json: 'jsonb' };
  const rows = await db.execute(sql`select table_name, column_name, data_type, is_nullable, column_default
    from information_schema.columns where table_schema = 'public'`);
  const present = new Map(rows.map((row) => [`${row.table_name}.${row.column_name}`, row]));
  for (const name of order) {
    const table = schema[name];
    const known = Object.values(getTableColumns(table));
    for (const column of known) {
      const row = present.get(`${getTableName(table)}.${column.name}`);
      const where = `${getTableName(table)}.${column.name}`;
      check(`${where} exists`, row !== undefined);
      check(`${where} type`, row?.data_type === types[column.getSQLType()], row?.data_type);
      check(`${where} null`, (row?.is_nullable === 'NO') === column.notNull, row?.is_nullable);
      check(`${where} default`, (row?.column_default !== null) === (column.default !== undefined), row?.column_default);
    }
    const names = new Set(known.map((column) => column.name));
    for (const [key, row] of present) {
      if (row.table_name !== getTableName(table) || names.has(row.column_name)) continue;
      check(`our column ${key} may be left out`, row.is_nullable === 'YES');
    }
  }
}

try {
  await columns();
  await indexes();
  await everyTable();
  await usage(await seed());
} catch (error) {
  failed += 1;
  console.error(error);
} finally {
  await client.end();
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
