// Trains the sentiment model: node packages/signals/scripts/train-sentiment.mjs [--write | --check]
// Prints the figures; --write replaces src/sentiment/sentiment-model.ts, --check exits 1 when it is not what this would write.
// Reads $TRADESWARM_DATA/sentiment/train.csv (Twitter Financial News Sentiment, MIT). Same data, same output, to the byte.
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import exp from '@stdlib/math-base-special-exp'
import { sentimentTokens, visitFeatures } from '../src/sentiment/sentiment-features.ts'
import { traderLexicon } from '../src/sentiment/trader-lexicon.ts'

export const folds = 5
const heldOutFold = 0
/** Classes as the data numbers them: 0 bearish, 1 bullish, 2 neutral. Neutral is the reference, with log-odds 0. */
const classes = 3

export const defaultSettings = {
  minimumCount: 2,
  maximumFeatures: 8_000,
  ridge: 0.8,
  lexiconScale: 1.5,
  negationFallback: 0.5,
  dropNames: true,
  iterations: 150,
}

/** Rows of an RFC 4180 file with a header `text,label`. */
export function parseRows(csv) {
  const records = []
  let record = []
  let field = ''
  let quoted = false
  for (let index = 0; index < csv.length; index += 1) {
    const character = csv[index]
    if (quoted) {
      if (character !== '"') field += character
      else if (csv[index + 1] === '"') {
        field += '"'
        index += 1
      } else quoted = false
    } else if (character === '"') quoted = true
    else if (character === ',') {
      record.push(field)
      field = ''
    } else if (character === '\n') {
      record.push(field.replace(/\r$/, ''))
      records.push(record)
      record = []
      field = ''
    } else field += character
  }
  if (field !== '' || record.length > 0) records.push([...record, field])
  return records
    .slice(1)
    .filter((row) => row.length === 2)
    .map(([text, label]) => ({ text, label: Number(label) }))
}

/** By the hash of the words alone, so that one headline under two links never lies on both sides. */
export function foldOf(text) {
  const words = text
    .toLowerCase()
    .replace(/https?:\S*/g, '')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
  return createHash('sha256').update(words).digest()[0] % folds
}

function featureCounts(tokenised) {
  const counts = new Map()
  for (const tokens of tokenised) {
    const seen = new Set()
    visitFeatures(tokens, (feature) => seen.add(feature))
    for (const feature of seen) counts.set(feature, (counts.get(feature) ?? 0) + 1)
  }
  return counts
}

/** Words that the texts never write in lower case: names of companies and people, which say nothing about tomorrow. */
function namesIn(rows) {
  const lower = new Set()
  for (const { text } of rows) {
    for (const [word] of text.matchAll(/(?<![\p{L}$#@&])\p{Ll}[\p{L}']*/gu)) {
      visitFeatures([word.toLowerCase()], (feature) => lower.add(feature))
    }
  }
  return (feature) =>
    feature.split(' ').some((part) => {
      const word = part.replace(/^not_/, '')
      return /^~?\p{L}/u.test(word) && !lower.has(word)
    })
}

function lexiconWeights(scale) {
  const weights = new Map()
  for (const [word, value] of Object.entries(traderLexicon.bearish))
    weights.set(word, [scale * value, -0.25 * scale * value])
  for (const [word, value] of Object.entries(traderLexicon.bullish))
    weights.set(word, [-0.25 * scale * value, scale * value])
  return weights
}

/** One row as sorted (feature, value) pairs, by the very rules the scorer follows. */
function vectorOf(tokens, index, negationFallback) {
  const seen = new Map()
  const put = (position, value) => {
    if (!seen.has(position)) seen.set(position, value)
  }
  visitFeatures(tokens, (feature, plain) => {
    const position = index.get(feature)
    if (position !== undefined) put(position, 1)
    else if (plain !== undefined && index.has(plain)) put(index.get(plain), -negationFallback)
  })
  return { positions: Int32Array.from(seen.keys()), values: Float64Array.from(seen.values()) }
}

/** Fits log-odds by maximum a posteriori: Gaussian prior of precision `ridge` around the lexicon (L-BFGS, fixed iterations). */
export function trainModel(rows, settings = defaultSettings) {
  const tokenised = rows.map(({ text }) => sentimentTokens(text))
  const lexicon = lexiconWeights(settings.lexiconScale)
  const isName = settings.dropNames ? namesIn(rows) : () => false
  const counts = featureCounts(tokenised)
  const candidates = [...counts]
    .filter(
      ([feature, count]) =>
        count >= settings.minimumCount && !/[|`\\]|\$\{/.test(feature) && (lexicon.has(feature) || !isName(feature)),
    )
    .map(([feature]) => feature)
  let features = [...new Set([...lexicon.keys(), ...candidates])].sort(byCodeUnits)
  let fitted = fit(features, tokenised, rows, lexicon, settings)
  if (features.length > settings.maximumFeatures) {
    const importance = (position) =>
      Math.sqrt(counts.get(features[position]) ?? 0) *
      Math.max(Math.abs(fitted[2 * position]), Math.abs(fitted[2 * position + 1]))
    features = features
      .map((feature, position) => ({ feature, importance: lexicon.has(feature) ? Infinity : importance(position) }))
      .sort((a, b) => b.importance - a.importance || (a.feature < b.feature ? -1 : 1))
      .slice(0, settings.maximumFeatures)
      .map(({ feature }) => feature)
      .sort(byCodeUnits)
    fitted = fit(features, tokenised, rows, lexicon, settings)
  }
  const thousandths = (value) => Math.round(1_000 * value)
  const last = 2 * features.length
  const lines = features
    .map((feature, position) => [feature, thousandths(fitted[2 * position]), thousandths(fitted[2 * position + 1])])
    .filter(([, bearish, bullish]) => bearish !== 0 || bullish !== 0)
    .map((parts) => parts.join('|'))
  return {
    bias: [thousandths(fitted[last]), thousandths(fitted[last + 1])],
    temperature: 1,
    negationFallback: settings.negationFallback,
    features: lines.join('\n'),
  }
}

function byCodeUnits(a, b) {
  return a < b ? -1 : a > b ? 1 : 0
}

function fit(features, tokenised, rows, lexicon, settings) {
  const index = new Map(features.map((feature, position) => [feature, position]))
  const vectors = tokenised.map((tokens) => vectorOf(tokens, index, settings.negationFallback))
  const size = 2 * features.length + 2
  const prior = new Float64Array(size)
  features.forEach((feature, position) => {
    const [bearish, bullish] = lexicon.get(feature) ?? [0, 0]
    prior[2 * position] = bearish
    prior[2 * position + 1] = bullish
  })
  const objective = (weights, gradient) => {
    let loss = 0
    for (let position = 0; position < size; position += 1) {
      const difference = position < size - 2 ? weights[position] - prior[position] : 0
      loss += 0.5 * settings.ridge * difference * difference
      gradient[position] = settings.ridge * difference
    }
    for (let row = 0; row < rows.length; row += 1) {
      const { positions, values } = vectors[row]
      let bearish = weights[size - 2]
      let bullish = weights[size - 1]
      for (let at = 0; at < positions.length; at += 1) {
        bearish += values[at] * weights[2 * positions[at]]
        bullish += values[at] * weights[2 * positions[at] + 1]
      }
      const probabilities = softmax([bearish, bullish, 0])
      const { label } = rows[row]
      loss -= Math.log(Math.max(1e-12, probabilities[label]))
      const forBearish = probabilities[0] - (label === 0 ? 1 : 0)
      const forBullish = probabilities[1] - (label === 1 ? 1 : 0)
      gradient[size - 2] += forBearish
      gradient[size - 1] += forBullish
      for (let at = 0; at < positions.length; at += 1) {
        gradient[2 * positions[at]] += values[at] * forBearish
        gradient[2 * positions[at] + 1] += values[at] * forBullish
      }
    }
    return loss
  }
  return minimise(objective, Float64Array.from(prior), settings.iterations)
}

export function softmax(logits) {
  const highest = Math.max(...logits)
  const masses = logits.map((logit) => exp(logit - highest))
  const total = masses.reduce((sum, mass) => sum + mass, 0)
  return masses.map((mass) => mass / total)
}

/** L-BFGS (Nocedal and Wright, algorithm 7.4) with memory 8 and backtracking. */
function minimise(objective, start, iterations) {
  const size = start.length
  let weights = start
  let gradient = new Float64Array(size)
  let loss = objective(weights, gradient)
  const memory = []
  for (let iteration = 0; iteration < iterations; iteration += 1) {
    const direction = twoLoop(gradient, memory)
    const slope = dot(direction, gradient)
    if (slope > -1e-9) break
    let step = memory.length === 0 ? 1 / Math.sqrt(dot(gradient, gradient)) : 1
    let next = weights
    let nextGradient = gradient
    let nextLoss = loss
    for (let attempt = 0; attempt < 30; attempt += 1, step /= 2) {
      next = weights.map((weight, position) => weight + step * direction[position])
      nextGradient = new Float64Array(size)
      nextLoss = objective(next, nextGradient)
      if (nextLoss <= loss + 1e-4 * step * slope) break
    }
    const s = next.map((value, position) => value - weights[position])
    const y = nextGradient.map((value, position) => value - gradient[position])
    const curvature = dot(s, y)
    if (curvature > 1e-10) memory.push({ s, y, rho: 1 / curvature })
    if (memory.length > 8) memory.shift()
    const gain = loss - nextLoss
    weights = next
    gradient = nextGradient
    loss = nextLoss
    if (gain < 1e-7 * Math.abs(loss)) break
  }
  return weights
}

function twoLoop(gradient, memory) {
  const q = Float64Array.from(gradient)
  const alphas = []
  for (let at = memory.length - 1; at >= 0; at -= 1) {
    const { s, y, rho } = memory[at]
    const alpha = rho * dot(s, q)
    alphas[at] = alpha
    for (let position = 0; position < q.length; position += 1) q[position] -= alpha * y[position]
  }
  const newest = memory.at(-1)
  const scale = newest === undefined ? 1 : dot(newest.s, newest.y) / dot(newest.y, newest.y)
  for (let position = 0; position < q.length; position += 1) q[position] *= scale
  memory.forEach(({ s, y, rho }, at) => {
    const beta = rho * dot(y, q)
    for (let position = 0; position < q.length; position += 1) q[position] += s[position] * (alphas[at] - beta)
  })
  return q.map((value) => -value)
}

function dot(a, b) {
  let sum = 0
  for (let position = 0; position < a.length; position += 1) sum += a[position] * b[position]
  return sum
}

/** The log-odds of each row under a model, before temperature. */
export function logitsOf(model, rows) {
  const weights = new Map(
    model.features
      .split('\n')
      .map((line) => line.split('|'))
      .map(([feature, bearish, bullish]) => [feature, [Number(bearish), Number(bullish)]]),
  )
  const index = new Map([...weights.keys()].map((feature, position) => [feature, position]))
  const list = [...weights.values()]
  return rows.map(({ text }) => {
    const { positions, values } = vectorOf(sentimentTokens(text), index, model.negationFallback)
    let [bearish, bullish] = model.bias
    positions.forEach((position, at) => {
      bearish += values[at] * list[position][0]
      bullish += values[at] * list[position][1]
    })
    return [bearish / 1_000, bullish / 1_000, 0]
  })
}

/** The temperature that makes the labels likeliest, by golden section to 0.001. */
export function fitTemperature(logits, labels) {
  const loss = (temperature) =>
    logits.reduce(
      (sum, row, at) => sum - Math.log(Math.max(1e-12, softmax(row.map((logit) => logit / temperature))[labels[at]])),
      0,
    )
  let [low, high] = [0.3, 4]
  const golden = (Math.sqrt(5) - 1) / 2
  while (high - low > 1e-3) {
    const left = high - golden * (high - low)
    const right = low + golden * (high - low)
    if (loss(left) < loss(right)) high = right
    else low = left
  }
  return Math.round(500 * (low + high)) / 1_000
}

/** Accuracy, macro-F1, log loss and expected calibration error (10 equal bins of the likeliest class' probability). */
export function measure(logits, labels, temperature) {
  const confusion = Array.from({ length: classes }, () => [0, 0, 0])
  const bins = Array.from({ length: 10 }, () => ({ count: 0, confidence: 0, right: 0 }))
  let logLoss = 0
  logits.forEach((row, at) => {
    const probabilities = softmax(row.map((logit) => logit / temperature))
    const confidence = Math.max(...probabilities)
    const predicted = probabilities.indexOf(confidence)
    confusion[labels[at]][predicted] += 1
    const bin = bins[Math.min(9, Math.floor(10 * confidence))]
    bin.count += 1
    bin.confidence += confidence
    bin.right += predicted === labels[at] ? 1 : 0
    logLoss -= Math.log(Math.max(1e-12, probabilities[labels[at]]))
  })
  const perClass = confusion.map((row, label) => {
    const actual = row.reduce((sum, count) => sum + count, 0)
    const predicted = confusion.reduce((sum, other) => sum + other[label], 0)
    const precision = predicted === 0 ? 0 : row[label] / predicted
    const recall = actual === 0 ? 0 : row[label] / actual
    return {
      precision,
      recall,
      f1: precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall),
      actual,
    }
  })
  return {
    count: labels.length,
    accuracy: confusion.reduce((sum, row, label) => sum + row[label], 0) / labels.length,
    macroF1: perClass.reduce((sum, { f1 }) => sum + f1, 0) / classes,
    logLoss: logLoss / labels.length,
    expectedCalibrationError:
      bins.reduce((sum, { confidence, right }) => sum + Math.abs(confidence - right), 0) / labels.length,
    bins: bins
      .filter(({ count }) => count > 0)
      .map(({ count, confidence, right }) => ({ count, confidence: confidence / count, accuracy: right / count })),
    perClass,
    confusion,
  }
}

/** Out-of-fold log-odds over the given folds: the ground for choosing settings and temperature. */
export function crossValidate(rows, settings) {
  const within = [...Array(folds).keys()].filter((fold) => fold !== heldOutFold)
  const logits = []
  const labels = []
  for (const fold of within) {
    const model = trainModel(
      rows.filter(({ text }) => ![fold, heldOutFold].includes(foldOf(text))),
      settings,
    )
    const validation = rows.filter(({ text }) => foldOf(text) === fold)
    logits.push(...logitsOf(model, validation))
    labels.push(...validation.map(({ label }) => label))
  }
  return { logits, labels }
}

/** The model to ship and its figures. The held-out fifth takes no part in training, settings or temperature. */
export function buildModel(rows, settings = defaultSettings) {
  const { logits, labels } = crossValidate(rows, settings)
  const temperature = fitTemperature(logits, labels)
  const training = rows.filter(({ text }) => foldOf(text) !== heldOutFold)
  const heldOut = rows.filter(({ text }) => foldOf(text) === heldOutFold)
  const model = { ...trainModel(training, settings), temperature }
  const heldOutLogits = logitsOf(model, heldOut)
  const heldOutLabels = heldOut.map(({ label }) => label)
  return {
    model,
    crossValidation: measure(logits, labels, temperature),
    heldOut: measure(heldOutLogits, heldOutLabels, temperature),
    heldOutUncalibrated: measure(heldOutLogits, heldOutLabels, 1),
  }
}

/** The source text of src/sentiment/sentiment-model.ts. */
export function modelSource(model, trainedOn) {
  return `import type { SentimentModel } from './sentiment-scorer.js'

/**
 * Generated by scripts/train-sentiment.mjs; do not edit. Weights learned from ${trainedOn} of the 9,543 texts of Twitter
 * Financial News Sentiment (MIT) around the priors of trader-lexicon.ts. Kept: words and pairs of words with their
 * weights; no text of the data. How it was measured: docs/design/sentiment.md.
 */
export const sentimentModel: SentimentModel = {
  bias: [${model.bias.join(', ')}],
  temperature: ${model.temperature},
  negationFallback: ${model.negationFallback},
  features: \`
${model.features}
\`,
}
`
}

export function readTrainingRows(directory) {
  return parseRows(readFileSync(`${directory}/sentiment/train.csv`, 'utf8'))
}

function main() {
  const directory = process.env.TRADESWARM_DATA
  if (directory === undefined) {
    process.stderr.write('train-sentiment: set TRADESWARM_DATA to the directory that holds sentiment/train.csv\n')
    process.exit(2)
  }
  const rows = readTrainingRows(directory)
  const { model, ...figures } = buildModel(rows)
  const source = modelSource(model, rows.filter(({ text }) => foldOf(text) !== heldOutFold).length)
  const path = fileURLToPath(new URL('../src/sentiment/sentiment-model.ts', import.meta.url))
  if (process.argv.includes('--write')) writeFileSync(path, source)
  process.stdout.write(
    `${JSON.stringify({ features: model.features.split('\n').length, bytes: source.length, temperature: model.temperature, ...figures }, null, 2)}\n`,
  )
  if (process.argv.includes('--check') && readFileSync(path, 'utf8') !== source) {
    process.stderr.write(
      'train-sentiment: src/sentiment/sentiment-model.ts is not what this data and these settings give; run with --write\n',
    )
    process.exit(1)
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main()
