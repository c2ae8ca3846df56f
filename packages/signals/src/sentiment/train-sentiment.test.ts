import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { sentimentModel } from './sentiment-model.js'
import { createSentimentScorer, type SentimentModel } from './sentiment-scorer.js'

type Row = { readonly text: string; readonly label: number }
type Figures = {
  readonly count: number
  readonly accuracy: number
  readonly macroF1: number
  readonly expectedCalibrationError: number
}
type Trainer = {
  readonly defaultSettings: Readonly<Record<string, number | boolean>>
  parseRows(csv: string): Row[]
  foldOf(text: string): number
  trainModel(rows: readonly Row[], settings?: unknown): SentimentModel
  logitsOf(model: SentimentModel, rows: readonly Row[]): number[][]
  softmax(logits: readonly number[]): number[]
  measure(logits: readonly (readonly number[])[], labels: readonly number[], temperature: number): Figures
  modelSource(model: SentimentModel, trainedOn: number): string
}

const script = new URL('../../scripts/train-sentiment.mjs', import.meta.url).href
const trainer = (await import(/* @vite-ignore */ script)) as Trainer
const dataDirectory = process.env['TRADESWARM_DATA']

const rows: readonly Row[] = Array.from({ length: 30 }, (_, index) => [
  { text: `the widget maker wobbles ${index}`, label: 0 },
  { text: `the gadget maker glitters ${index}`, label: 1 },
  { text: `the meeting starts at noon ${index}`, label: 2 },
]).flat()

describe('train-sentiment', () => {
  it('reads quoted fields with line breaks and doubled quotes', () => {
    expect(trainer.parseRows('text,label\n"a ""b"",\nc",1\r\nd,0\n')).toEqual([
      { text: 'a "b",\nc', label: 1 },
      { text: 'd', label: 0 },
    ])
  })

  it('puts one headline under two links into one fold', () => {
    expect(trainer.foldOf('Shares rise https://t.co/a')).toBe(trainer.foldOf('shares rise: https://t.co/b'))
  })

  it('learns, the same bytes each time, and the scorer agrees with the trainer', () => {
    const model = trainer.trainModel(rows)
    expect(trainer.trainModel(rows)).toEqual(model)
    const score = createSentimentScorer(model)
    expect(score('it wobbles').score).toBeLessThan(-0.3)
    expect(score('it glitters').score).toBeGreaterThan(0.3)
    for (const text of ['gadget glitters, not wobbles', 'not a strong buy', 'widget maker']) {
      const [bearish, bullish, neutral] = trainer.softmax(trainer.logitsOf(model, [{ text, label: 0 }])[0] ?? [])
      const { probabilities } = score(text)
      expect(probabilities.bearish).toBeCloseTo(bearish ?? Number.NaN, 9)
      expect(probabilities.bullish).toBeCloseTo(bullish ?? Number.NaN, 9)
      expect(probabilities.neutral).toBeCloseTo(neutral ?? Number.NaN, 9)
    }
  })

  it('ships a model under 200 kB whose weights fit their type', () => {
    expect(trainer.modelSource(sentimentModel, 0).length).toBeLessThan(200_000)
    for (const line of sentimentModel.features.trim().split('\n')) expect(line).toMatch(/^[^|]+\|-?\d{1,4}\|-?\d{1,4}$/)
  })

  it.skipIf(dataDirectory === undefined)(
    'measures what docs/design/sentiment.md says on the held-out fifth (needs TRADESWARM_DATA)',
    () => {
      const data = trainer.parseRows(readFileSync(`${dataDirectory}/sentiment/train.csv`, 'utf8'))
      expect(data).toHaveLength(9_543)
      const heldOut = data.filter(({ text }) => trainer.foldOf(text) === 0)
      const shipped = { ...sentimentModel, features: sentimentModel.features.trim() }
      const figures = trainer.measure(
        trainer.logitsOf(shipped, heldOut),
        heldOut.map(({ label }) => label),
        shipped.temperature,
      )
      expect(figures.count).toBe(1_977)
      expect(figures.accuracy).toBeCloseTo(0.8225, 3)
      expect(figures.macroF1).toBeCloseTo(0.74, 3)
      expect(figures.expectedCalibrationError).toBeCloseTo(0.0217, 3)
    },
  )
})
