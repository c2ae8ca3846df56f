import { SwarmError } from '@tradeswarm/core'
import type { D1DatabaseBinding } from './bindings.js'
import { storageError } from './d1-errors.js'
import { Database } from './database.js'
import { type D1Migration, d1Migrations } from './schema.js'

const defaultName = 'the D1 database'

/**
 * Brings a database to the newest schema, from whichever released one it has: each step takes effect whole or not at all,
 * and steps that Wrangler applied are not made again. Safe to run twice, and by two at once.
 * Throws `STORAGE_VERSION` when the database is newer than this package.
 */
export async function migrate(database: D1DatabaseBinding, options: { readonly name?: string } = {}): Promise<void> {
  await migrateDatabase(new Database(database, options.name ?? defaultName))
}

/** {@link migrate}, on a database that is open already. */
export async function migrateDatabase(database: Database, migrations = d1Migrations): Promise<void> {
  let version = await schemaVersion(database)
  assertNotNewer(database, version, migrations)
  while (version < migrations.length) {
    const statements = migrations[version]?.statements ?? []
    try {
      await database.transaction(statements.map((sql) => ({ sql, values: [] })))
    } catch (error) {
      // Somebody else may have made the step meanwhile; if so it is there whole.
      if ((await schemaVersion(database)) <= version) throw storageError(error, database.name, 'put')
    }
    version = await schemaVersion(database)
  }
  assertNotNewer(database, version, migrations)
}

/** Throws `STORAGE_VERSION` unless the database has the schema of this package, for those that may not write it. */
export async function assertMigrated(database: Database): Promise<void> {
  const version = await schemaVersion(database)
  assertNotNewer(database, version, d1Migrations)
  if (version === d1Migrations.length) return
  throw versionError(database, version, `apply the migrations, or open it once without readOnly`)
}

function assertNotNewer(database: Database, version: number, migrations: readonly D1Migration[]): void {
  if (version > migrations.length)
    throw versionError(database, version, `this package knows ${migrations.length}; update it`)
}

function versionError(database: Database, version: number, advice: string): SwarmError {
  return new SwarmError({
    code: 'STORAGE_VERSION',
    message: `${database.name} has version ${version} of the schema: ${advice}`,
    context: { place: database.name, version },
  })
}

/** How many steps were made; 0 in a database that has no tables of ours. */
async function schemaVersion(database: Database): Promise<number> {
  const table = await database.row("SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'swarm_schema'")
  if (table === undefined) return 0
  return (await database.row('SELECT max(version) AS version FROM swarm_schema'))?.version as number
}
