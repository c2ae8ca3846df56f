/** What a terminal shows where a figure does not apply: never a 0. */
const notApplicable = 'n/a'

/** A number with so many decimals and thousands apart; n/a for null and for what is not finite. */
export function numberText(value: number | null | undefined, places: number): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return notApplicable
  const [whole = '', fraction] = value.toFixed(places).split('.')
  const text = whole.replace(/\B(?=(\d{3})+$)/g, ',') + (fraction === undefined ? '' : `.${fraction}`)
  return /[1-9]/.test(text) ? text : text.replace('-', '')
}

/** A fraction as per cent with two decimals. */
export function percentText(fraction: number | null | undefined): string {
  if (fraction === null || fraction === undefined) return notApplicable
  const text = numberText(fraction * 100, 2)
  return text === notApplicable ? text : `${text} %`
}
