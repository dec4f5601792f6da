-- Loads the CSV that comes on psql's standard input (the demo's shop or the UCI Online Retail file) into
-- shop.order_line_raw, column by column as text: a loader that refuses nothing loses nothing, and what the text means
-- is decided in tour.sql, where it can be read.
--   gzip -dcf onlineretail.csv.gz | psql -f demo/load.sql
\set ON_ERROR_STOP on
SET client_min_messages = warning;

DROP SCHEMA IF EXISTS shop CASCADE;
CREATE SCHEMA shop;

CREATE TABLE shop.order_line_raw (
  invoice_no   text,
  stock_code   text,
  description  text,
  quantity     text,
  invoice_date text,
  unit_price   text,
  customer_id  text,
  country      text
);

\copy shop.order_line_raw from pstdin with (format csv, header, null 'NA')

ANALYZE shop.order_line_raw;
