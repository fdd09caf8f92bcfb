-- Makes keys unique among all resource types again, where they are: nobody's entries are thrown away for that.
do $$
declare
  shared pg_catalog.int8;
  examples pg_catalog.text;
begin
  lock table pevensie.cache in access exclusive mode;
  select pg_catalog.count(*),
    pg_catalog.string_agg(pg_catalog.format('%s: %s', pg_catalog."left"(key, 100), resource_types), E'\n' order by key) filter (where nth <= 10)
  into shared, examples
  from (
    select key, pg_catalog."left"(pg_catalog.min(resource_type), 100)
        || case when pg_catalog.count(*) > 2 then ', ..., ' else ', ' end
        || pg_catalog."left"(pg_catalog.max(resource_type), 100) as resource_types,
      pg_catalog.row_number() over (order by key) as nth
    from pevensie.cache group by key having pg_catalog.count(*) > 1
  ) as keys;
  if shared > 0 then
    raise exception 'keys of the cache belong to more than one resource type, which this cannot keep: %', shared
      using errcode = 'object_not_in_prerequisite_state',
        detail = examples || case when shared > 10 then E'\n...' else '' end,
        hint = 'delete all but one entry of each of these keys first';
  end if;
end
$$;

alter table pevensie.cache add constraint cache_key_key unique (key);
