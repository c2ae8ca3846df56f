/** Why the venue does not do what one item of a request asks: `sCode`, `sMsg` and, of some, `subCode`. */
export type OkxRefusal = {
  readonly refused: true
  readonly code: string
  readonly message: string
  readonly subCode?: string
}

/** Makes one. */
export function refuse(code: string, message: string, subCode?: string): OkxRefusal {
  return { refused: true, code, message, ...(subCode === undefined ? {} : { subCode }) }
}

export function isRefusal(value: unknown): value is OkxRefusal {
  return typeof value === 'object' && value !== null && 'refused' in value
}

/** The refusals that occur in several places. */
export const wrongParameter = (name: string): OkxRefusal => refuse('51000', `Parameter ${name} error`)
export const emptyParameter = (name: string): OkxRefusal => refuse('50014', `Parameter ${name} can not be empty.`)
export const noInstrument = (): OkxRefusal =>
  refuse('51001', "Instrument ID, Instrument ID code or Spread ID doesn't exist.")
export const noOrder = (): OkxRefusal => refuse('51603', 'Order does not exist')
export const noFunds = (currency: string, subCode = '1000'): OkxRefusal =>
  refuse('51008', `Order failed. Insufficient ${currency} balance in account.`, subCode)
