import { sentimentModel } from './sentiment-model.js'
import { createSentimentScorer } from './sentiment-scorer.js'

/** What a text leans to, and how sure that is. */
export type SentimentScore = {
  /** P(bullish) - P(bearish), -1 to 1. */
  readonly score: number
  /** The probability of the likeliest class, calibrated: of texts given 0.8, about 80 % are judged right. 0 for a text without words. */
  readonly confidence: number
  /** Sum to 1. */
  readonly probabilities: { readonly bearish: number; readonly bullish: number; readonly neutral: number }
}

/**
 * The last year that the training texts speak of. They carry no dates; by what they name (the Cybertruck, the coronavirus,
 * the budget of 2021) they are of 2019 and 2020. A score of an older post rests on words as they were used later.
 */
export const lastSentimentTrainingYear = 2020

let scorer: ((text: string) => SentimentScore) | undefined

/**
 * What a text about a stock leans to, by a logistic regression over words and pairs (docs/design/sentiment.md).
 * Pure and total: any text, the empty one too, gives finite numbers in range. The model is unpacked at the first call.
 */
export function scoreSentiment(text: string): SentimentScore {
  scorer ??= createSentimentScorer(sentimentModel)
  return scorer(text)
}
