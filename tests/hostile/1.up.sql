-- A comment; it's got "quotes", $$ and $a$ dollars, {{ braces }}, ${name}, :name, and a semicolon at its end;
create function pevensie.hostile() returns pg_catalog.text
language plpgsql
as $hostile$
-- the first one: it's "here"; $$ {{ .name }} ${name} :name :'name' :"name" <%= name %> @name@ #{name} ? \ \\ %s
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

create table pevensie."hostile;" (
  "it's" pg_catalog.text default ';''--{{ $$ ${name}', -- its own; comment's
  "--" pg_catalog.text default '"'
);
comment on table pevensie."hostile;" is 'a comment of its own; {{ .x }} ${name} :name $1 $$ -- none
second line, it''s';
