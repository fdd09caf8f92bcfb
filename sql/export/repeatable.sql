-- Does nothing where it is recorded already.
do $pevensie_once$
declare
  is_recorded pg_catalog.bool := false;
begin
  if pg_catalog.to_regclass('pevensie.module_version') is not null then
    is_recorded := exists (
      select from pevensie.module_version where module::pg_catalog.text = ':module' and version >= ':version'
    );
  end if;
  if not is_recorded then
    execute :tag
:sql:tag;
  end if;
end
$pevensie_once$;
