-- The bare SQL of one order of three items, as pgbench runs it: what a placed order writes, without what thinks.
\set a random(1, 300)
\set b random(301, 600)
\set c random(601, 900)
BEGIN;
SELECT set_config('app.store_id', '1', true);
INSERT INTO idempotency_key (scope, actor_key, key, fingerprint) VALUES ('pgbench', '-', gen_random_uuid()::text, '-')
  ON CONFLICT DO NOTHING;
SELECT v.id, v.price_minor FROM variant v JOIN product p ON p.id = v.product_id JOIN category c ON c.id = p.category_id
  WHERE v.id IN (:a, :b, :c);
UPDATE delivery_slot SET booked = booked + 1 WHERE id = (SELECT max(id) FROM delivery_slot) AND booked < capacity;
UPDATE stock SET reserved = reserved + 1 WHERE variant_id = :a AND on_hand - reserved >= 1;
UPDATE stock SET reserved = reserved + 1 WHERE variant_id = :b AND on_hand - reserved >= 1;
UPDATE stock SET reserved = reserved + 1 WHERE variant_id = :c AND on_hand - reserved >= 1;
INSERT INTO orders (code, branch_id, customer_id, kind, status, event_seq, currency, goods_minor, discount_minor,
    delivery_minor, tax_minor, tax_included_minor, wallet_minor, total_minor, due_minor, payment_method,
    payment_status, contact_name, contact_phone, locale, mode, customer_note, min_age, id_checked, placed_at,
    status_at, reason)
  SELECT 'B' || substr(gen_random_uuid()::text, 1, 18), b.id, c.id, 'driver', 'PENDING', 1, 'USD', 3000, 0, 399, 210,
    0, 0, 3609, 3609, 'cash', 'DUE', 'Buyer', '+13055559000', 'en', 'asap', '', 21, false, now(), now(), ''
  FROM (SELECT min(id) AS id FROM branch) b, (SELECT min(id) AS id FROM customer) c;
INSERT INTO order_line (order_id, variant_id, sku, name, quantity, unit_minor, discount_minor, net_minor, tax_minor,
    tax_rate_bp, unit_cost_minor)
  SELECT currval(pg_get_serial_sequence('orders', 'id')), v.id, v.sku, '{"en": "Bench"}', 1, 1000, 0, 1000, 70, 700, 300
  FROM variant v WHERE v.id IN (:a, :b, :c);
INSERT INTO order_adjustment (order_id, stage, source, reason, amount_minor)
  VALUES (currval(pg_get_serial_sequence('orders', 'id')), 'delivery', '', 'delivery_fee', 399),
         (currval(pg_get_serial_sequence('orders', 'id')), 'tax', '', 'tax_added', 210);
INSERT INTO event (type, aggregate, aggregate_id, seq, payload, actor_role, actor_name, source, occurred_at, published_at)
  VALUES ('OrderPlaced', 'order', currval(pg_get_serial_sequence('orders', 'id')), 1,
    jsonb_build_object('order_id', 1, 'code', 'B', 'row', repeat('x', 900)), '', '', 'cli', now(), now());
COMMIT;
