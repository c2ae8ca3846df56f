/** An answer of the venue that is not a success: HTTP status and Alpaca's body. */
export type FakeRefusal = {
  readonly refused: true
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
}

/** Makes one; `extras` are the further fields that Alpaca adds to some. */
export function refuse(
  status: number,
  code: number,
  message: string,
  extras: Readonly<Record<string, unknown>> = {},
): FakeRefusal {
  return { refused: true, status, body: { ...extras, code, message } }
}

export function isRefusal(value: unknown): value is FakeRefusal {
  return typeof value === 'object' && value !== null && 'refused' in value
}

/** The refusals that occur in several places. */
export const orderNotFound = (id: string): FakeRefusal => refuse(404, 40410000, `order not found for ${id}`)
export const invalid = (message: string, extras: Readonly<Record<string, unknown>> = {}): FakeRefusal =>
  refuse(422, 42210000, message, extras)
export const malformed = (message: string): FakeRefusal => refuse(422, 40010001, message)
export const forbidden = (message: string, extras: Readonly<Record<string, unknown>> = {}): FakeRefusal =>
  refuse(403, 40310000, message, extras)
