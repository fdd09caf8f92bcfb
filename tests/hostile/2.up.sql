-- The second one: `quotes`; it's "it".
create or replace function pevensie.hostile() returns pg_catalog.text
language plpgsql
as $hostile$
-- the second one: it's "here"; $$ {{ .name }} ${name} :name :'name' :"name" <%= name %> @name@ #{name} ? \ \\ %s
declare
  one pg_catalog.text := 'it''s; "so" $$ $a$ $pevensie$ {{ "{{" }} ${name} #{name} {name} :name :''name'' ? $1 \n \';
  two pg_catalog.text := $a$ $$ it's; "nested" -- no comment; $b$ ' $b$ $a$;
  three pg_catalog.text := E'\\ \x41 ''\n''' || '"""' || ''''''' `${name}`';
begin

   -- a line that ends in blanks:   

  /* a block; it's one of "those" */
  return one || two || three || 'ä€🦢' || '5$';
end
$hostile$;
