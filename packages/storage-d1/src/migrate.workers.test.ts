import { emptyJournalHead } from '@tradeswarm/core'
import { expect, test } from 'vitest'
import { Database } from './database.js'
import { migrate, migrateDatabase } from './migrate.js'
import { d1Migrations } from './schema.js'
import { entries, expectFailure, idsOf, openStorage, testPlace } from './testing-support/open-place.test-support.js'

const next = {
  name: '0002_next',
  statements: ['CREATE TABLE swarm_next (a INTEGER) STRICT', 'UPDATE swarm_schema SET version = 2'],
}

async function version({ database }: ReturnType<typeof testPlace>): Promise<unknown> {
  return (await database.prepare('SELECT version FROM swarm_schema').all()).results
}

test('makes the schema, and nothing the second time', async () => {
  const place = testPlace()
  await migrate(place.database)
  await migrate(place.database)
  expect(await version(place)).toEqual([{ version: d1Migrations.length }])
})

test('two that open a new database at once both find it whole', async () => {
  const place = testPlace()
  const storages = await Promise.all([1, 2, 3].map(() => openStorage(place)))
  await storages[0]?.commit({ journal: entries(emptyJournalHead, 'a') })
  for (const storage of storages) expect(await idsOf(storage)).toEqual(storage === storages[0] ? ['a'] : [])
  expect(await version(place)).toEqual([{ version: 1 }])
})

test('takes up what Wrangler applied, which runs the same statements', async () => {
  const place = testPlace()
  for (const { statements } of d1Migrations)
    await place.database.batch(statements.map((sql) => place.database.prepare(sql)))
  const storage = await openStorage(place)
  await storage.commit({ journal: entries(emptyJournalHead, 'a') })
  expect(await version(place)).toEqual([{ version: 1 }])
})

test('goes on from the stored version and keeps the data, a step whole or not at all', async () => {
  const place = testPlace()
  const storage = await openStorage(place)
  await storage.commit({ journal: entries(emptyJournalHead, 'a'), keyValue: [{ key: 'k', value: 'v' }] })
  const database = new Database(place.database, 'DATABASE')
  const broken = { name: '0002_broken', statements: [...next.statements, 'CREATE TABLE swarm_next (again INTEGER)'] }
  await expectFailure('STORAGE_FAILED', 'already exists', () => migrateDatabase(database, [...d1Migrations, broken]))
  expect(await version(place)).toEqual([{ version: 1 }])
  await migrateDatabase(database, [...d1Migrations, next])
  expect(await version(place)).toEqual([{ version: 2 }])
  expect(await idsOf(storage)).toEqual(['a'])
})

test('refuses a newer schema, by name', async () => {
  const place = testPlace()
  await migrateDatabase(new Database(place.database, 'DATABASE'), [...d1Migrations, next])
  await expectFailure('STORAGE_VERSION', 'DATABASE has version 2', () => openStorage(place))
  await expectFailure('STORAGE_VERSION', 'DATABASE has version 2', () => openStorage({ ...place, readOnly: true }))
  await expectFailure('STORAGE_VERSION', 'the D1 database has version 2', () => migrate(place.database))
})
