import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { d1Migrations, migrationFile } from './schema.js'

const folder = join(import.meta.dirname, '..', 'migrations')

// `vitest run -u` writes them after a migration was added; one that was released never changes.
test.each(d1Migrations.map((migration) => [migration.name, migration] as const))(
  "Wrangler's %s.sql is the migration that open() makes",
  async (name, migration) => {
    await expect(migrationFile(migration)).toMatchFileSnapshot(join(folder, `${name}.sql`))
  },
)

test('each migration has its file and its number, in order', () => {
  const names = d1Migrations.map(({ name }) => name)
  expect(readdirSync(folder).toSorted()).toEqual(names.map((name) => `${name}.sql`))
  expect(names.map((name) => Number(name.slice(0, 4)))).toEqual(names.map((_, index) => index + 1))
  expect(d1Migrations.map(({ statements }) => statements.at(-1))).toEqual(
    names.map((_, index) =>
      index === 0 ? 'INSERT INTO swarm_schema VALUES (1)' : `UPDATE swarm_schema SET version = ${index + 1}`,
    ),
  )
})
