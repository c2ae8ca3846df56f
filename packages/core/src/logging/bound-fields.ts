import type { LogFields } from './logger.js'

/** The fields of a child logger and of those it came from, put together when a line is written. */
export class BoundFields {
  readonly #parent: BoundFields | undefined
  readonly #fields: LogFields
  #merged: LogFields | undefined

  constructor(parent: BoundFields | undefined, fields: LogFields) {
    this.#parent = parent
    this.#fields = fields
  }

  /** All of them, a child's over its parent's. */
  merged(): LogFields {
    this.#merged ??= this.#parent === undefined ? this.#fields : { ...this.#parent.merged(), ...this.#fields }
    return this.#merged
  }
}
