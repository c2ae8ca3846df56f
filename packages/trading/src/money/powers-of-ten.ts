/** The largest exponent whose power of ten is a double without rounding. */
export const exactPowers = 22

/** 10^0 to 10^22, each exactly a double. Anything beyond is `undefined`. */
export const powersOfTen: readonly number[] = Array.from({ length: exactPowers + 1 }, (_, exponent) =>
  Number(`1e${exponent}`),
)

const bigPowers: readonly bigint[] = Array.from({ length: 65 }, (_, exponent) => powerOf(exponent))

/** 10^exponent; `exponent` is a whole number from 0. */
export function bigPowerOfTen(exponent: number): bigint {
  return bigPowers[exponent] ?? powerOf(exponent)
}

function powerOf(exponent: number): bigint {
  return BigInt(`1${'0'.repeat(exponent)}`)
}
