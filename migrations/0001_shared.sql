-- The tables that the platform's services share. Seventeen of them stand in the platform's schema document and keep its
-- names, types, defaults, nullability, keys and named indexes; additions are nullable columns and indexes only, each
-- marked "ours". Ids are cuid2 text, times are `timestamp` without zone and hold UTC, amounts are whole rupiah
-- (50000 is Rp 50.000), every JSON column is jsonb.

-- `default now()` writes the session's local time into a `timestamp`, so every session on this database must speak UTC,
-- also those of programs that know nothing of us. A role that does not own the database cannot set this; it is told so.
do $$
begin
  execute format('alter database %I set timezone to %L', current_database(), 'UTC');
exception when insufficient_privilege then
  raise warning 'run as the owner: alter database % set timezone to ''UTC''', current_database();
end
$$;
set timezone to 'UTC';

-- A person who works for a shop: its owner, an admin, or staff.
create table users (
  id text primary key,
  email text not null unique,
  phone text,
  name text not null,
  password_hash text not null,
  email_verified boolean default false,
  email_verified_at timestamp,
  phone_verified boolean default false,
  -- The shop that the person works for; a text without foreign key, because shops point at their owners.
  store_id text,
  -- 'owner', 'admin', 'staff'.
  role text default 'owner',
  language text default 'id',
  timezone text default 'Asia/Jakarta',
  theme text default 'light',
  -- 'active', 'suspended', 'deleted'.
  status text default 'active',
  last_login_at timestamp,
  metadata jsonb,
  created_at timestamp not null default now(),
  updated_at timestamp not null default now()
);
create index idx_users_email on users (email);
create index users_store on users (store_id) where store_id is not null;

-- A shop. What the chat needs beyond the columns stands in metadata: zone, language, prices_include_tax, hold_minutes,
-- shipping (store::stores).
create table stores (
  id text primary key,
  owner_id text not null references users (id),
  name text not null,
  description text,
  slug text not null unique,
  email text not null,
  phone text not null,
  address text,
  city text,
  province text,
  zip_code text,
  business_type text,
  tax_id text,
  bank_account jsonb,
  whatsapp_number text,
  telegram_username text,
  instagram_handle text,
  currency text default 'IDR',
  -- Percent.
  tax_rate integer default 12,
  auto_reply_message text,
  -- 'active', 'suspended', 'deleted'.
  status text default 'active',
  logo_url text,
  cover_image_url text,
  metadata jsonb,
  created_at timestamp not null default now(),
  updated_at timestamp not null default now()
);
create index stores_owner on stores (owner_id);

-- A buyer of one shop. Found by the platform's own id of the chat (channel_ids); name and phone are attributes, and a
-- phone that is not known is the empty text.
create table customers (
  id text primary key,
  store_id text not null references stores (id),
  name text not null,
  email text,
  phone text not null,
  -- {"whatsapp": "123456", "telegram": "789"}.
  channel_ids jsonb,
  address text,
  city text,
  province text,
  zip_code text,
  preferences jsonb,
  -- Statistics of paid orders, written by whoever confirms or refunds a payment.
  total_spent integer default 0,
  order_count integer default 0,
  last_order_at timestamp,
  -- 'new', 'regular', 'vip'.
  segment text,
  -- 'active', 'inactive', 'blocked'.
  status text default 'active',
  metadata jsonb,
  created_at timestamp not null default now(),
  updated_at timestamp not null default now()
);
create index idx_customers_store on customers (store_id);
create index idx_customers_phone on customers (store_id, phone);
create index idx_customers_email on customers (store_id, email);
create index idx_customers_segment on customers (store_id, segment);
-- Serves channel_ids @> '{"<channel>": "<chat>"}' for every channel, also future ones.
create index customers_channel_ids on customers using gin (channel_ids jsonb_path_ops);

-- Something for sale. For a product with variants, stock is the sum of theirs.
create table products (
  id text primary key,
  store_id text not null references stores (id),
  name text not null,
  description text,
  sku text,
  barcode text,
  price integer not null,
  cost_price integer,
  currency text default 'IDR',
  stock integer not null default 0,
  reorder_level integer default 10,
  category_id text,
  tags jsonb,
  image_url text,
  image_urls jsonb,
  has_variants boolean default false,
  -- 'active', 'archived', 'discontinued'.
  status text default 'active',
  -- {"names": {"en": "…"}, "descriptions": {"en": "…"}, "aliases": ["…"], "position": 1}.
  metadata jsonb,
  created_at timestamp not null default now(),
  updated_at timestamp not null default now()
);
create index idx_products_store on products (store_id);
create index idx_products_status on products (store_id, status);
create index idx_products_sku on products (store_id, sku);

-- One size, flavour or colour of a product, with its own stock and perhaps its own price.
create table product_variants (
  id text primary key,
  product_id text not null references products (id),
  name text not null,
  sku text,
  price integer,
  stock integer not null default 0,
  -- {"size": "large", "names": {"en": "Large"}}.
  attributes jsonb,
  created_at timestamp not null default now(),
  updated_at timestamp not null default now()
);
create index product_variants_product on product_variants (product_id);

-- One purchase: the truth about the goods. total_amount = subtotal + tax_amount + shipping_cost - discount_amount.
create table orders (
  id text primary key,
  store_id text not null references stores (id),
  customer_id text not null references customers (id),
  order_number text not null,
  subtotal integer not null,
  tax_amount integer not null default 0,
  discount_amount integer default 0,
  shipping_cost integer default 0,
  total_amount integer not null,
  currency text default 'IDR',
  -- 'created', 'payment_initiated', 'paid', 'packed', 'shipped', 'delivered', 'completed', 'cancelled'.
  status text not null default 'created',
  -- The payment that paid it, or the latest attempt. The foreign key follows after payments.
  payment_id text,
  payment_method text,
  -- {"street", "city", "zip", "name", "phone"}.
  shipping_address jsonb not null,
  shipping_method text,
  tracking_number text,
  customer_note text,
  internal_note text,
  -- The lines once more, for readers that want them without a join: [{"productId", "name", "price", "quantity"}].
  items jsonb,
  -- What only the chat needs (store::orders::Extra): conversation, held_until, tax_included, method_name, accepted_by,
  -- accepted_at, courier, cancel_reason, called_off_by, review, refund_due.
  metadata jsonb,
  created_at timestamp not null default now(),
  paid_at timestamp,
  packed_at timestamp,
  shipped_at timestamp,
  delivered_at timestamp,
  cancelled_at timestamp,
  updated_at timestamp not null default now()
);
create index idx_orders_store on orders (store_id);
create index idx_orders_customer on orders (customer_id);
create index idx_orders_status on orders (store_id, status);
create index idx_orders_created on orders (store_id, created_at);
create index idx_orders_payment on orders (payment_id);
-- Ours: a number names one order of a shop.
create unique index orders_number on orders (store_id, order_number);
-- Ours: the newest orders of a customer, and the takings of a day.
create index orders_customer_newest on orders (customer_id, created_at desc);
create index orders_paid on orders (store_id, paid_at) where paid_at is not null;

-- One line of an order, at the price of that moment.
create table order_items (
  id text primary key,
  order_id text not null references orders (id),
  product_id text not null references products (id),
  quantity integer not null,
  price integer not null,
  subtotal integer not null,
  variant_id text,
  variant_name text,
  created_at timestamp not null default now()
);
create index order_items_order on order_items (order_id);
create index order_items_product on order_items (product_id);

-- One move of an order from a status to the next. Never changed, never deleted.
create table order_status_history (
  id text primary key,
  order_id text not null references orders (id),
  previous_status text,
  new_status text not null,
  reason text,
  -- 'system', 'customer', or the id of a user.
  changed_by text,
  created_at timestamp not null default now()
);
create index order_status_history_order on order_status_history (order_id, created_at);

-- One attempt to pay an order: the truth about the money. The row is committed before the gateway is asked.
create table payments (
  id text primary key,
  store_id text not null references stores (id),
  order_id text not null references orders (id),
  -- The gateway's id of the charge.
  external_id text,
  -- Ours, sent to the gateway as idempotency key: '<order number>-<attempt>'.
  reference_number text,
  amount integer not null,
  currency text default 'IDR',
  gateway text not null,
  -- The last verified answer of the gateway.
  gateway_response jsonb,
  method text not null,
  -- {"qrCode", "url"}: exactly what was shown; {"surplus": true} for money that came on top.
  details jsonb,
  -- 'pending', 'confirmed', 'failed', 'expired', 'cancelled', 'refunded'.
  status text not null default 'pending',
  -- Calls to the gateway about this payment.
  attempt_count integer default 0,
  last_attempt_at timestamp,
  last_attempt_error text,
  webhook_received boolean default false,
  webhook_received_at timestamp,
  metadata jsonb,
  created_at timestamp not null default now(),
  confirmed_at timestamp,
  failed_at timestamp,
  expires_at timestamp,
  updated_at timestamp not null default now()
);
create index idx_payments_order on payments (order_id);
create index idx_payments_status on payments (store_id, status);
-- Unique by our own rule: a gateway's charge is one payment.
create unique index idx_payments_external on payments (gateway, external_id);
create index idx_payments_created on payments (created_at);
-- Ours: a reference names one payment, and an order waits for one payment at a time.
create unique index payments_reference on payments (reference_number);
create unique index payments_one_pending on payments (order_id) where status = 'pending';

alter table orders add constraint orders_payment_id_fkey foreign key (payment_id) references payments (id);

-- A way to pay that a customer has saved at a gateway. Never card data, only the gateway's token.
create table payment_methods (
  id text primary key,
  customer_id text not null references customers (id),
  type text not null,
  gateway_token text not null,
  gateway text not null,
  display_name text,
  last_4 text,
  is_default boolean default false,
  is_active boolean default true,
  created_at timestamp not null default now(),
  updated_at timestamp not null default now()
);
create index payment_methods_customer on payment_methods (customer_id);

-- Money that goes back to a customer, from the promise to the transfer.
create table refunds (
  id text primary key,
  payment_id text not null references payments (id),
  order_id text not null references orders (id),
  amount integer not null,
  currency text default 'IDR',
  -- 'customer_request', 'product_defective', 'out_of_stock'.
  reason text not null,
  description text,
  -- 'pending', 'processed', 'failed'.
  status text not null default 'pending',
  external_id text,
  metadata jsonb,
  created_at timestamp not null default now(),
  processed_at timestamp,
  updated_at timestamp not null default now()
);
create index refunds_payment on refunds (payment_id);
create index refunds_order on refunds (order_id);

-- One notice of a gateway as it came in, committed before anything acts on it. A repeat is the same row.
create table payment_webhook_logs (
  id text primary key,
  gateway text not null,
  event_type text not null,
  payload jsonb not null,
  signature text,
  signature_valid boolean,
  processed boolean default false,
  processed_at timestamp,
  error text,
  created_at timestamp not null default now(),
  -- Ours: what makes the event unique at its gateway.
  event_key text
);
create unique index payment_webhook_logs_event on payment_webhook_logs (gateway, event_key);
create index payment_webhook_logs_created on payment_webhook_logs (created_at);

-- Pieces held for an order that waits for its money. Ends once: 'committed' when it is paid, 'released' or 'cancelled' else.
create table inventory_reservations (
  id text primary key,
  order_id text not null references orders (id),
  product_id text not null references products (id),
  quantity integer not null,
  -- 'reserved', 'committed', 'released', 'cancelled'.
  status text not null default 'reserved',
  created_at timestamp not null default now(),
  released_at timestamp,
  committed_at timestamp,
  -- Ours: which variant, for products that have any.
  variant_id text,
  -- Ours: until when the customer was promised the pieces. The hold itself ends with the payment, not with the clock.
  expires_at timestamp
);
create index idx_reservations_order on inventory_reservations (order_id);
create index idx_reservations_product on inventory_reservations (product_id);
create index inventory_reservations_live on inventory_reservations (product_id, variant_id) where status = 'reserved';

create sequence inventory_movements_position;

-- One change of a stock: the ledger. Never changed, never deleted. quantity is signed (outbound is negative), so that
-- the stock of a product or variant is the sum of its movements.
create table inventory_movements (
  id text primary key,
  product_id text not null references products (id),
  -- 'inbound', 'outbound', 'adjustment', 'reservation', 'return'.
  type text not null,
  quantity integer not null,
  -- 'order', 'purchase', 'return', 'adjustment'.
  reference_type text,
  reference_id text,
  reason text,
  notes text,
  -- Stock of the variant where there is one, else of the product.
  stock_before integer,
  stock_after integer,
  created_at timestamp not null default now(),
  -- Ours: which variant, for products that have any.
  variant_id text,
  -- Ours: the order of the ledger, because several movements may bear the same time.
  position bigint default nextval('inventory_movements_position')
);
alter sequence inventory_movements_position owned by inventory_movements.position;
create index idx_movements_product on inventory_movements (product_id);
create index idx_movements_type on inventory_movements (type);
create index inventory_movements_ledger on inventory_movements (product_id, coalesce(variant_id, ''), position desc);
create index inventory_movements_reference on inventory_movements (reference_type, reference_id);

-- Something that happened to an order, a payment, a stock or a customer, for whoever asks later. Never changed.
create table event_audit_log (
  id text primary key,
  -- 'order:created', 'payment:confirmed', 'inventory:reserved', …
  event_type text not null,
  entity_type text,
  entity_id text,
  payload jsonb not null,
  -- The member of staff who did it; nothing for customers and the server.
  user_id text,
  created_at timestamp not null default now()
);
-- The schema document names these two beside the next two; both pairs exist, so that either way of reading finds its index.
create index idx_event_type on event_audit_log (event_type);
create index idx_entity on event_audit_log (entity_type, entity_id);
create index idx_audit_type_date on event_audit_log (event_type, created_at);
create index idx_audit_entity on event_audit_log (entity_type, entity_id);

-- One message of a conversation, in or out.
create table customer_messages (
  id text primary key,
  store_id text not null references stores (id),
  customer_id text not null references customers (id),
  text text not null,
  -- 'inbound', 'outbound'.
  direction text not null,
  channel text not null,
  channel_message_id text,
  type text default 'text',
  metadata jsonb,
  created_at timestamp not null default now()
);
create index idx_messages_customer on customer_messages (customer_id);
create index idx_messages_channel on customer_messages (store_id, channel);
create index idx_messages_created on customer_messages (created_at);

-- One thing that happened to a payment: every change of status has exactly one row. Never changed.
create table payment_audit_log (
  id text primary key,
  payment_id text not null references payments (id),
  -- 'created', 'confirmed', 'failed', 'retried'.
  action text not null,
  previous_status text,
  new_status text,
  details jsonb,
  -- 'webhook', 'api', 'system'.
  source text,
  created_at timestamp not null default now()
);
create index idx_payment_audit on payment_audit_log (payment_id);

-- The overview of the schema document names four more without columns. Each fact keeps one owner: what can be computed
-- from orders, payments and customers is a view, and only system_logs is a table.

-- Something that an operator must be able to read after the process has ended. Never personal data.
create table system_logs (
  id text primary key,
  -- 'info', 'warn', 'error'.
  level text not null,
  -- The part of a program that speaks: 'warung.dispatch'.
  source text not null,
  message text not null,
  details jsonb,
  created_at timestamp not null default now()
);
create index system_logs_created on system_logs (created_at);
create index system_logs_level on system_logs (level, created_at);

-- The stock of every product and variant beside what its ledger says. They differ only where a program that keeps no
-- ledger wrote a stock; Warung evens that out with an 'adjustment' before it moves such a stock itself.
-- stock_after - stock_before counts where both are given, because other programs may write quantities without sign.
create view stock_ledger as
select
  products.store_id,
  products.id as product_id,
  product_variants.id as variant_id,
  coalesce(product_variants.stock, products.stock) as stock,
  coalesce(sum(coalesce(moved.stock_after - moved.stock_before, moved.quantity)), 0)::bigint as ledger,
  count(moved.id) as movements
from products
left join product_variants on product_variants.product_id = products.id
left join inventory_movements as moved
  on moved.product_id = products.id and coalesce(moved.variant_id, '') = coalesce(product_variants.id, '')
group by products.store_id, products.id, product_variants.id, product_variants.stock, products.stock;

-- The day on which a moment falls in a shop's zone (stores.metadata.zone). A zone that PostgreSQL does not know must
-- not spoil the figures of every other shop, so it counts as Jakarta.
create function shop_day (at timestamp, settings jsonb) returns date
language plpgsql stable as $$
begin
  return (at at time zone 'UTC' at time zone coalesce(settings ->> 'zone', 'Asia/Jakarta'))::date;
exception when invalid_parameter_value then
  return (at at time zone 'UTC' at time zone 'Asia/Jakarta')::date;
end
$$;

-- What a customer likes: what they said (customers.preferences) beside what their paid orders show.
create view customer_preferences as
select
  customers.id as customer_id,
  customers.store_id,
  customers.preferences ->> 'language' as language,
  customers.preferences ->> 'paymentMethod' as payment_method,
  customers.preferences ->> 'defaultAddress' as default_address,
  latest.shipping_method as usual_shipping_method,
  favourite.product_id as favourite_product_id
from customers
left join lateral (
  select orders.shipping_method
  from orders
  where orders.customer_id = customers.id and orders.paid_at is not null
  order by orders.created_at desc
  limit 1
) as latest on true
left join lateral (
  select order_items.product_id
  from orders
  join order_items on order_items.order_id = orders.id
  where orders.customer_id = customers.id and orders.paid_at is not null
  group by order_items.product_id
  order by sum(order_items.quantity) desc, order_items.product_id
  limit 1
) as favourite on true;

-- Orders of a shop by the day on which they were placed.
create view order_metrics as
select
  orders.store_id,
  shop_day(orders.created_at, stores.metadata) as day,
  count(*) as placed,
  count(*) filter (where orders.paid_at is not null) as paid,
  count(*) filter (where orders.status = 'cancelled') as cancelled,
  coalesce(sum(orders.total_amount) filter (where orders.paid_at is not null and orders.status <> 'cancelled'), 0)
    as revenue,
  coalesce(round(avg(orders.total_amount) filter (where orders.paid_at is not null)), 0) as average_order
from orders
join stores on stores.id = orders.store_id
group by orders.store_id, shop_day(orders.created_at, stores.metadata);

-- Payments of a shop by gateway and by the day on which they were asked for.
create view payment_metrics as
select
  payments.store_id,
  payments.gateway,
  shop_day(payments.created_at, stores.metadata) as day,
  count(*) as asked,
  count(*) filter (where payments.status in ('confirmed', 'refunded')) as confirmed,
  count(*) filter (where payments.status = 'expired') as expired,
  count(*) filter (where payments.status = 'failed') as failed,
  coalesce(sum(payments.amount) filter (where payments.status = 'confirmed'), 0) as received,
  percentile_cont(0.5) within group (order by extract(epoch from payments.confirmed_at - payments.created_at))
    filter (where payments.confirmed_at is not null) as median_seconds_to_pay
from payments
join stores on stores.id = payments.store_id
group by payments.store_id, payments.gateway, shop_day(payments.created_at, stores.metadata);
