-- The two tables that the demo and the live tests change. May be applied again at any time.
CREATE TABLE IF NOT EXISTS public.users (
  user_id      bigint PRIMARY KEY,
  email        text,
  country_code char(2),
  is_deleted   boolean NOT NULL DEFAULT false,
  bio          text,
  created_at   timestamptz NOT NULL DEFAULT now(),
  updated_at   timestamptz
);

CREATE TABLE IF NOT EXISTS public.orders (
  order_id     bigint PRIMARY KEY,
  user_id      bigint,
  status       varchar(20),
  total_amount numeric(12,2),
  currency     char(3),
  note         jsonb,
  ordered_at   timestamp
);

-- EXTERNAL moves a value over 2 kB out of the row without compressing it. An update that leaves it
-- alone is then published without it, which is the case that readers get wrong.
ALTER TABLE public.users ALTER COLUMN bio SET STORAGE EXTERNAL;
ALTER TABLE public.orders ALTER COLUMN note SET STORAGE EXTERNAL;
