import { z } from 'zod'
import { inKeyOrder } from './in-key-order.js'
import { isFlatSchema } from './is-flat-schema.js'
import { invalidPayload, validate } from './validate.js'

/** A schema is compiled when it has parsed so many payloads: that takes a millisecond, and most topics never see as many. */
const payloadsBeforeCompiling = 1_000

export type PayloadParserOptions = {
  /** What it makes has its keys in the order of canonical JSON, so that it need not be sorted for the journal. Default false. */
  readonly inKeyOrder?: boolean
  /** Default 1,000. */
  readonly payloadsBeforeCompiling?: number
}

/**
 * Parses one payload after the other with one schema. What is used often is compiled by zod, where the platform may make functions of
 * texts: the same values and errors at a fifth of the cost. Refinements are called once more for what they refuse.
 */
export class PayloadParser<Schema extends z.ZodType = z.ZodType> {
  readonly schema: Schema
  /** True when whatever it makes is a canonical object of scalars: see {@link isFlatSchema}. False where no order was asked for. */
  readonly isFlat: boolean
  readonly #isReordered: boolean
  #used: Schema
  #leftBeforeCompiling: number

  constructor(schema: Schema, options: PayloadParserOptions = {}) {
    this.schema = schema
    this.#used = options.inKeyOrder === true ? inKeyOrder(schema) : schema
    this.#isReordered = this.#used !== schema
    this.isFlat = options.inKeyOrder === true && isFlatSchema(this.#used)
    this.#leftBeforeCompiling = options.payloadsBeforeCompiling ?? payloadsBeforeCompiling
  }

  /** The parsed value. Throws `INVALID_PAYLOAD`, naming what was parsed and each field that failed. */
  parse(value: unknown, what: string): z.output<Schema> {
    if (this.#leftBeforeCompiling > 0) this.#countDown()
    const result = this.#used.safeParse(value)
    if (result.success) return result.data
    // The other order is for the journal; what is wrong is told in that of the schema.
    if (this.#isReordered) return validate(this.schema, value, what)
    throw invalidPayload(result.error, what)
  }

  #countDown(): void {
    this.#leftBeforeCompiling -= 1
    if (this.#leftBeforeCompiling === 0 && mayCompile(this.#used)) this.#used = z.compile(this.#used)
  }
}

/** A schema may come from another version of zod than the compiler; and `compile` itself does not heed what zod was told about functions of texts. */
function mayCompile(schema: z.ZodType): boolean {
  const { major, minor } = schema._zod.version
  return z.core.util.allowsEval.value && major === z.core.version.major && minor === z.core.version.minor
}
