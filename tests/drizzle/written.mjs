// Holds the rows that Warung has written against the three rules of the platform's schema document: what these turn down, the
// platform's other programs turn down. Usage: node written.mjs [DATABASE_URL], else the one in the environment.

import { appendFileSync } from 'node:fs';
import { inArray, isNotNull, sql } from 'drizzle-orm';
import * as schema from './schema.mjs';
import { connect } from './database.mjs';

const GATEWAYS = ['stripe', 'xendit', 'qris'];

function orderErrors(order) {
  const errors = [];
  if (!(order.totalAmount > 0)) errors.push('its total is not positive');
  if (!order.customerId) errors.push('it has no customer');
  if (!order.shippingAddress) errors.push('it has no address');
  return errors;
}

function paymentErrors(payment) {
  const errors = [];
  if (!(payment.amount > 0)) errors.push('its amount is not positive');
  if (!GATEWAYS.includes(payment.gateway)) errors.push(`nobody knows the gateway ${payment.gateway}`);
  return errors;
}

function reservationErrors(reservation, available) {
  const errors = [];
  if (!(reservation.quantity > 0)) errors.push('it holds no pieces');
  if (reservation.quantity > available) errors.push(`it holds more than the ${available} pieces there are`);
  return errors;
}

const { client, db } = connect(process.argv[2] ?? process.env.DATABASE_URL);
const orders = await db.select().from(schema.orders).where(isNotNull(sql`metadata ->> 'conversation'`));
const ids = orders.map((order) => order.id);
const payments = await db.select().from(schema.payments).where(inArray(schema.payments.orderId, ids));
const reservations = await db.select().from(schema.inventoryReservations).where(inArray(schema.inventoryReservations.orderId, ids));
const products = new Map((await db.select().from(schema.products)).map((product) => [product.id, product]));
await client.end();

const wrong = [
  ...orders.map((order) => [`order ${order.orderNumber}`, orderErrors(order)]),
  ...payments.map((payment) => [`payment ${payment.id}`, paymentErrors(payment)]),
  ...reservations
    .filter((reservation) => reservation.status === 'reserved')
    .map((reservation) => [`hold ${reservation.id}`, reservationErrors(reservation, products.get(reservation.productId).stock)]),
].filter(([, errors]) => errors.length > 0);
for (const [row, errors] of wrong) console.error(`FAILED ${row}: ${errors.join(', ')}`);
const looked = orders.length + payments.length + reservations.length;
// Every kind of row that was held against the rules, for whoever runs this on many databases and wants to know what it saw.
if (process.env.SEEN) {
  const kinds = [
    ...orders.map((order) => `order ${order.status}`),
    ...payments.map((payment) => `payment ${payment.details?.provider ?? payment.gateway} ${payment.status}`),
    ...reservations.map((reservation) => `hold ${reservation.status}`),
  ];
  appendFileSync(process.env.SEEN, kinds.map((kind) => `${kind}\n`).join(''));
}
console.log(`${looked - wrong.length} passed, ${wrong.length} failed`);
process.exit(wrong.length > 0 ? 1 : 0);
