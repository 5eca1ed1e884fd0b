create table product (
  id int primary key,
  name text not null,
  price int not null, -- in cents
  search tsvector
);

insert into product (id, name, price)
select
  i,
  (array['red', 'green', 'blue', 'yellow', 'white'])[1 + i % 5] || ' ' ||
  (array['teapot', 'lamp', 'chair', 'kettle', 'mirror', 'clock', 'vase', 'shelf'])[1 + i / 5 % 8],
  500 + i * 37 % 1500
from generate_series(1, 200) as i;

create table cart (
  id int primary key,
  customer text not null,
  paid_at timestamptz
);

insert into cart (id, customer) values (1, 'Ada'), (2, 'Grace'), (3, 'Edsger');

create table cart_item (
  cart_id int references cart,
  product_id int references product,
  count int not null
);

-- Ada's total is small, Grace's makes the bank ask twice, Edsger's is over the limit.
insert into cart_item (cart_id, product_id, count) select 1, i * 7, 1 + i % 2 from generate_series(1, 12) as i;
insert into cart_item (cart_id, product_id, count) select 2, i * 11, 8 from generate_series(1, 6) as i;
insert into cart_item (cart_id, product_id, count) select 3, i * 13, 25 from generate_series(1, 8) as i;

-- No index on product_id: the sales report reads all of it once for each product.
create table order_line (
  product_id int references product,
  count int not null
);

insert into order_line (product_id, count) select 1 + i % 200, 1 + i % 200 * 37 % 53 from generate_series(1, 30000) as i;
