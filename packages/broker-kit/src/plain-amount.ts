const minus = 0x2d
const point = 0x2e
const zero = 0x30
const mostDigits = 30

/** Whether a text is a plain decimal number of 1 to 30 digits before the point and as many after it, where there is one; a sign only of what is below 0. */
export function isPlainDecimal(text: string): boolean {
  return isPlainFrom(text, text.charCodeAt(0) === minus ? 1 : 0)
}

/** {@link isPlainDecimal}, of what has no sign. */
export function isPlainAmount(text: string): boolean {
  return isPlainFrom(text, 0)
}

function isPlainFrom(text: string, start: number): boolean {
  const { length } = text
  let pointAt = -1
  for (let index = start; index < length; index += 1) {
    const code = text.charCodeAt(index)
    if (code === point && pointAt < 0) pointAt = index
    else if (code < zero || code > zero + 9) return false
  }
  const whole = (pointAt < 0 ? length : pointAt) - start
  const places = length - pointAt - 1
  return whole >= 1 && whole <= mostDigits && (pointAt < 0 || (places >= 1 && places <= mostDigits))
}
