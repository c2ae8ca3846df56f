/** What one model says. */
export type Vote<Choice extends string> = {
  readonly voter: string
  readonly choice: Choice
  /** How sure it is, 0 to 1. */
  readonly confidence: number
  /** What its vote counts, 0 to 1. */
  readonly weight: number
}

/** Why nobody has decided. */
export type AbstainReason = 'too-few-votes' | 'disagreement' | 'no-weight'

/** What came of a vote. To abstain is to say nothing: it is not neutral, and must not be read as a choice of any kind. */
export type Verdict<Choice extends string> =
  | {
      readonly kind: 'decided'
      readonly choice: Choice
      /** The winner's share of all weighted confidence, 0 to 1. */
      readonly agreement: number
      /** Mean confidence of those who chose it, by weight. */
      readonly confidence: number
      readonly votes: readonly Vote<Choice>[]
    }
  | {
      readonly kind: 'abstained'
      readonly reason: AbstainReason
      readonly agreement: number
      readonly votes: readonly Vote<Choice>[]
    }

/** When a vote counts. */
export type TallyRules = {
  /** So many must have voted, from 1 on. */
  readonly minimumVotes: number
  /** The winner needs at least this share of weighted confidence, above 0.5 to 1. */
  readonly minimumAgreement: number
}

/** Counts votes by weight × confidence. The same votes in any order give the same verdict. */
export function tallyVotes<Choice extends string>(votes: readonly Vote<Choice>[], rules: TallyRules): Verdict<Choice> {
  const sorted = [...votes].sort((a, b) => (a.voter < b.voter ? -1 : a.voter > b.voter ? 1 : 0))
  const abstain = (reason: AbstainReason, agreement = 0): Verdict<Choice> => ({
    kind: 'abstained',
    reason,
    agreement,
    votes: sorted,
  })
  if (sorted.length < rules.minimumVotes) return abstain('too-few-votes')
  const weighed = new Map<Choice, number>()
  let total = 0
  for (const { choice, confidence, weight } of sorted) {
    weighed.set(choice, (weighed.get(choice) ?? 0) + weight * confidence)
    total += weight * confidence
  }
  if (total <= 0) return abstain('no-weight')
  const [choice, mass] = [...weighed].reduce((best, next) => (next[1] > best[1] ? next : best))
  const agreement = mass / total
  if (agreement < rules.minimumAgreement) return abstain('disagreement', agreement)
  const weight = sorted.reduce((sum, vote) => (vote.choice === choice ? sum + vote.weight : sum), 0)
  return { kind: 'decided', choice, agreement, confidence: mass / weight, votes: sorted }
}
