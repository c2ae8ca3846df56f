/** Figures of a portfolio worked out the long way, by symbol and by day: what the prepared ones are compared with. */
export type NaiveFigures = {
  readonly deviation: number
  readonly valueAtRisk: (confidence: 95 | 99) => number
  readonly conditionalValueAtRisk: (confidence: 95 | 99) => number
}

/** Symbols² × days steps for the deviation, a full sort for the losses. All in fractions of equity. */
export function naiveFigures(
  returns: Readonly<Record<string, readonly number[]>>,
  weights: Readonly<Record<string, number>>,
): NaiveFigures {
  const symbols = Object.keys(weights)
  const rowOf = (symbol: string): readonly number[] => returns[symbol] ?? []
  const days = rowOf(symbols[0] ?? '').length
  const meanOf = (row: readonly number[]): number => row.reduce((sum, value) => sum + value, 0) / days
  let variance = 0
  for (const a of symbols)
    for (const b of symbols) {
      let sum = 0
      for (let day = 0; day < days; day += 1)
        sum += ((rowOf(a)[day] ?? 0) - meanOf(rowOf(a))) * ((rowOf(b)[day] ?? 0) - meanOf(rowOf(b)))
      variance += ((weights[a] ?? 0) * (weights[b] ?? 0) * sum) / (days - 1)
    }
  const losses = Array.from({ length: days }, (_, day) =>
    symbols.reduce((loss, symbol) => loss - (weights[symbol] ?? 0) * (rowOf(symbol)[day] ?? 0), 0),
  ).sort((a, b) => b - a)
  const beyond = (confidence: 95 | 99): number => (days * (100 - confidence)) / 100
  return {
    deviation: Math.sqrt(Math.max(variance, 0)),
    // The smallest loss that at least so many of a hundred days stay at or below.
    valueAtRisk: (confidence) =>
      [...losses].reverse().find((loss) => losses.filter((other) => other <= loss).length * 100 >= confidence * days) ??
      Number.NaN,
    // min over a of a + Σ max(loss − a, 0) / (days beyond): attained at one of the losses.
    conditionalValueAtRisk: (confidence) =>
      Math.min(
        ...losses.map(
          (level) => level + losses.reduce((sum, loss) => sum + Math.max(loss - level, 0), 0) / beyond(confidence),
        ),
      ),
  }
}
