import { storageClosed } from '@tradeswarm/core'
import type { D1DatabaseBinding } from './bindings.js'
import { storageError } from './d1-errors.js'

/** A row as D1 returns it; every query here names its columns, so each reader knows their types. */
export type Row = Readonly<Record<string, unknown>>

/** A value that D1 binds. It makes every number a REAL; columns of whole numbers take them back losslessly. */
export type Value = string | number | null | Uint8Array

/** One statement with its values. */
export type Statement = { readonly sql: string; readonly values: readonly Value[] }

/** One D1 binding: errors that name it, and its closed state. */
export class Database {
  readonly name: string
  readonly #binding: D1DatabaseBinding
  #closed = false

  constructor(binding: D1DatabaseBinding, name: string) {
    this.#binding = binding
    this.name = name
  }

  close(): void {
    this.#closed = true
  }

  /** Throws `STORAGE_CLOSED` after {@link Database.close}. */
  assertOpen(): void {
    if (this.#closed) throw storageClosed(this.name)
  }

  async rows(sql: string, ...values: readonly Value[]): Promise<readonly Row[]> {
    this.assertOpen()
    try {
      return (await this.#prepare({ sql, values }).all<Row>()).results
    } catch (error) {
      throw storageError(error, this.name, 'read')
    }
  }

  async row(sql: string, ...values: readonly Value[]): Promise<Row | undefined> {
    return (await this.rows(sql, ...values))[0]
  }

  /** Several reads in one round trip, all of one state of the database. */
  async readAll(statements: readonly Statement[]): Promise<readonly (readonly Row[])[]> {
    this.assertOpen()
    try {
      return await this.transaction(statements)
    } catch (error) {
      throw storageError(error, this.name, 'read')
    }
  }

  /** Writes that come to the same when they are made again. */
  async write(statements: readonly Statement[]): Promise<void> {
    this.assertOpen()
    try {
      await this.transaction(statements)
    } catch (error) {
      throw storageError(error, this.name, 'put')
    }
  }

  /** All of the statements take effect, in one transaction, or none. Errors come out as D1 threw them. */
  async transaction(statements: readonly Statement[]): Promise<readonly (readonly Row[])[]> {
    const results = await this.#binding.batch<Row>(statements.map((statement) => this.#prepare(statement)))
    return results.map((result) => result.results)
  }

  #prepare({ sql, values }: Statement) {
    const statement = this.#binding.prepare(sql)
    return values.length === 0 ? statement : statement.bind(...values)
  }
}
