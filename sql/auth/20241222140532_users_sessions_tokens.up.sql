-- Every constraint is named: the driver tells errors apart by these names.

-- Users. A deleted user keeps its row, and its address and number may sign up again.
create table pevensie."user" (
  id pg_catalog.uuid constraint user_pkey primary key default pevensie.uuid7(),
  created_at pg_catalog.timestamptz not null default pg_catalog.now(),
  updated_at pg_catalog.timestamptz not null default pg_catalog.now(),
  deleted_at pg_catalog.timestamptz,
  role pg_catalog.text,
  email pg_catalog.text not null,
  password_hash pg_catalog.text,
  email_confirmed_at pg_catalog.timestamptz,
  phone_number pg_catalog.text,
  phone_number_confirmed_at pg_catalog.timestamptz,
  last_sign_in pg_catalog.timestamptz,
  app_metadata pg_catalog.jsonb not null default '{}',
  user_metadata pg_catalog.jsonb not null,
  banned_until pg_catalog.timestamptz
);

create unique index user_email_unique_idx on pevensie."user"
  using btree (email, deleted_at) nulls not distinct where email is not null;

create unique index user_phone_number_unique_idx on pevensie."user"
  using btree (phone_number, deleted_at) nulls not distinct where phone_number is not null;

-- Sessions, gone with their user.
create table pevensie.session (
  id pg_catalog.uuid constraint session_pkey primary key default pevensie.uuid7(),
  created_at pg_catalog.timestamptz not null default pg_catalog.now(),
  expires_at pg_catalog.timestamptz,
  user_id pg_catalog.uuid not null
    constraint session_user_id_fkey references pevensie."user" (id) on delete cascade,
  ip pg_catalog.inet,
  user_agent pg_catalog.text
);

-- One-time tokens: at most one that is not deleted for each user and purpose.
create type pevensie.one_time_token_type as enum ('password-reset');

create table pevensie.one_time_token (
  id pg_catalog.uuid constraint one_time_token_pkey primary key default pevensie.uuid7(),
  created_at pg_catalog.timestamptz not null default pg_catalog.now(),
  deleted_at pg_catalog.timestamptz,
  expires_at pg_catalog.timestamptz not null,
  used_at pg_catalog.timestamptz,
  token_type pevensie.one_time_token_type not null,
  user_id pg_catalog.uuid not null
    constraint one_time_token_user_id_fkey references pevensie."user" (id) on delete cascade,
  token_hash pg_catalog.text not null
    constraint one_time_token_token_hash_check check (pg_catalog.char_length(token_hash) > 0)
);

create index one_time_token_token_hash_idx on pevensie.one_time_token using hash (token_hash);

create unique index one_time_token_user_id_token_type_unique_idx on pevensie.one_time_token
  using btree (user_id, token_type, deleted_at) nulls not distinct;
