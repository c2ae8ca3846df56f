import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import { storageClosed } from '@tradeswarm/core'
import { fileError, storageError } from './sqlite-errors.js'

/** How long opening, closing and erasing wait for another connection that is in the middle of a short transaction. */
export const busyTimeoutMs = 5_000
/** How long a commit waits, with the event loop standing still, before it throws `STORAGE_BUSY` for its caller to retry. */
export const commitBusyTimeoutMs = 50

/** A row as SQLite returns it; every query here names its columns, so each reader knows their types. */
export type Row = Readonly<Record<string, unknown>>

/** One open database: prepared statements by their text, errors that name the file, and its closed state. */
export class Connection {
  readonly file: string
  readonly readOnly: boolean
  readonly database: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()
  #closed = false

  constructor(database: DatabaseSync, file: string, readOnly: boolean) {
    this.database = database
    this.file = file
    this.readOnly = readOnly
  }

  /** The texts of all statements that were used, for looking at their query plans. */
  get statementTexts(): readonly string[] {
    return [...this.#statements.keys()]
  }

  get closed(): boolean {
    return this.#closed
  }

  markClosed(): void {
    this.#closed = true
    this.#statements.clear()
  }

  /** Throws `STORAGE_CLOSED` once it is closed. */
  assertOpen(): void {
    if (this.#closed) throw storageClosed(this.file)
  }

  /** Does a piece of work on the open database; what SQLite throws comes out as a `SwarmError` that names the file. */
  use<Result>(work: () => Result): Result {
    this.assertOpen()
    try {
      return work()
    } catch (error) {
      throw storageError(error, this.file)
    }
  }

  /** Throws `STORAGE_READ_ONLY` on a connection that may only read. */
  assertWritable(): void {
    if (!this.readOnly) return
    throw fileError('STORAGE_READ_ONLY', this.file, 'was opened with readOnly and cannot be written')
  }

  /** Does a piece of work in one transaction: all of its writes become durable together, or none is made. */
  write<Result>(work: () => Result): Result {
    return this.use(() => {
      this.assertWritable()
      this.#endTransaction()
      this.run('BEGIN IMMEDIATE')
      try {
        const result = work()
        this.run('COMMIT')
        return result
      } catch (error) {
        try {
          this.#endTransaction()
        } catch {
          // What failed first is what the caller needs to know; the next transaction ends this one.
        }
        throw error
      }
    })
  }

  /** Does several reads that see one state of the database, whatever another process commits meanwhile. */
  read<Result>(work: () => Result): Result {
    return this.use(() => {
      this.run('BEGIN')
      try {
        return work()
      } finally {
        this.#endTransaction()
      }
    })
  }

  #endTransaction(): void {
    if (this.database.isTransaction) this.run('ROLLBACK')
  }

  run(sql: string, ...values: readonly SQLInputValue[]): void {
    this.statement(sql).run(...values)
  }

  row(sql: string, ...values: readonly SQLInputValue[]): Row | undefined {
    return this.statement(sql).get(...values)
  }

  rows(sql: string, ...values: readonly SQLInputValue[]): readonly Row[] {
    return this.statement(sql).all(...values)
  }

  /** Rows one by one; the caller must run it to its end or leave its loop before the next `await`. */
  each(sql: string, ...values: readonly SQLInputValue[]): Iterable<Row> {
    return this.statement(sql).iterate(...values)
  }

  /** The prepared statement of a text, for running it many times. */
  statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql)
    if (statement === undefined) {
      statement = this.database.prepare(sql)
      this.#statements.set(sql, statement)
    }
    return statement
  }
}
