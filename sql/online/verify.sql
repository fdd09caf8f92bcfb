-- Nothing is recorded that did not come to its end, or is not what it should be.
do $$
begin
  perform pg_catalog.set_config('quote_all_identifiers', 'off', true); -- which would change the text of a definition
  if not exists (
    select from pg_catalog.pg_index
    where indexrelid = pg_catalog.to_regclass('pevensie.:index') and indisvalid
      and pg_catalog.pg_get_indexdef(indexrelid) = ':definition'
  ) then
    raise exception 'index pevensie.:index is missing, unfinished or not what it should be'
      using errcode = 'object_not_in_prerequisite_state', hint = 'build it first: pevensie-pg migrate prints the statements';
  end if;
end
$$;
