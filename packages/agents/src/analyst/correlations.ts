import { correlationOf, returnsOf } from './correlation.js'
import type { IndicatorBar } from './indicators.js'

/** Sessions that correlations look back on. */
const maximumSessions = 60
/** Nearer to 0 than this is not told. */
const notable = 0.3
const maximumTold = 5

/** What posts said before a session, and the last close that was known then. */
export type MoodPoint = { readonly score: number; readonly close: number }

/** Sessions of which the mood is remembered. */
export const rememberedMoods = maximumSessions

/** Correlations of the symbols' returns from close to close over the last sessions, each computed once. */
export function createCorrelations(barsOf: (symbol: string) => readonly IndicatorBar[]) {
  const returns = new Map<string, readonly number[]>()
  const known = new Map<string, number | undefined>()
  const returnsFor = (symbol: string): readonly number[] => {
    const found = returns.get(symbol)
    if (found !== undefined) return found
    const computed = returnsOf(barsOf(symbol).map(({ close }) => close)).slice(-maximumSessions)
    returns.set(symbol, computed)
    return computed
  }
  const between = (one: string, other: string): number | undefined => {
    const key = one < other ? `${one}\n${other}` : `${other}\n${one}`
    if (!known.has(key)) known.set(key, correlationOf(returnsFor(one), returnsFor(other)))
    return known.get(key)
  }
  return {
    between,
    /** The others that a symbol moves with, or against, most. */
    of(symbol: string, others: readonly string[]): { with: string; value: number }[] {
      return others
        .flatMap((other) => {
          const value = other === symbol ? undefined : between(symbol, other)
          return value === undefined || Math.abs(value) < notable
            ? []
            : [{ with: other, value: Math.round(value * 100) / 100 }]
        })
        .sort((a, b) => Math.abs(b.value) - Math.abs(a.value) || (a.with < b.with ? -1 : 1))
        .slice(0, maximumTold)
    },
  }
}

/** How well posts led prices: the correlation of what they said before a session with the return from that close to the next one. */
export function leadOf(moods: readonly MoodPoint[]): number | undefined {
  const returns = returnsOf(moods.map(({ close }) => close))
  // The last mood has no return yet.
  return correlationOf(
    moods.slice(0, -1).map(({ score }) => score),
    returns,
  )
}
