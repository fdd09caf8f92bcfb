# Takes the place of Ecto: runs each migration that is named on the command line, both ways, and prints what it executes.

defmodule Ecto.Migration do
  defmacro __using__(_) do
    quote do
      import Ecto.Migration, only: [execute: 1]
      @disable_ddl_transaction false
      @disable_migration_lock false
      @before_compile Ecto.Migration
    end
  end

  defmacro __before_compile__(_) do
    quote do
      def __migration__, do: {@disable_ddl_transaction, @disable_migration_lock}
    end
  end

  def execute(sql), do: IO.puts("sent #{Base.encode16(sql, case: :lower)}")
end

Code.compiler_options(ignore_module_conflict: true)

for path <- System.argv() do
  [{module, _}] = Code.compile_file(path)
  IO.puts("file #{path}")
  {transaction, lock} = module.__migration__()
  if transaction != lock, do: raise("one without the other")
  for way <- [:up, :down] do
    IO.puts("#{way} #{transaction}")
    apply(module, way, [])
  end
end
