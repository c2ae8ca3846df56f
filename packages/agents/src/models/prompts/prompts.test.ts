import { expect, test } from 'vitest'
import { promptFingerprint, promptId } from './prompt.js'
import { analystPrompts } from './prompts.js'

/**
 * What each version of a prompt was, as the SHA-256 of its instructions and schema. A changed prompt is another prompt: recommendations in old
 * journals name theirs by version, and answers in a cache are kept by it. So raise the version and add a line; no line ever changes.
 */
const history: Readonly<Record<string, string>> = {
  'reader@1': 'dd887fdf00a9e3192a18ed9432aade36c2517b861c206f0c3d004972d911a110',
  'reasoner@1': '642c226e9a83d047c7b568a78c26a02b1290a1c515c77b457e8c1a00b64f01fd',
  'bull@1': '37bc260a3583be92b941bebb275959af763d3d173e41a39a035ca8a830b73825',
  'bear@1': 'd6bc134c26c6ba9b09af7143f16c4f66e2359ac22813a44e4a77517f2ae1d2a4',
  'judge@1': '3bfc8358c41f276165b52eed51ed1e60cd3853a494b7d6965ba981395763c841',
}

test.each(Object.values(analystPrompts))('$part: a change of the prompt changes its version', (prompt) => {
  const known = history[promptId(prompt)]
  expect(known, `${promptId(prompt)} is not in the history: add it`).toBeDefined()
  expect(promptFingerprint(prompt), `${promptId(prompt)} is not what it was: raise its version and add a line`).toBe(
    known,
  )
})

test('no two versions are the same prompt', () => {
  expect(new Set(Object.values(history)).size).toBe(Object.keys(history).length)
})

test('the fingerprint is of the instructions and of the schema', () => {
  const { reader, reasoner } = analystPrompts
  expect(promptFingerprint({ ...reader, instructions: `${reader.instructions} ` })).not.toBe(promptFingerprint(reader))
  expect(promptFingerprint({ ...reader, schema: reasoner.schema })).not.toBe(promptFingerprint(reader))
  expect(promptFingerprint({ ...reader, version: '2' })).toBe(promptFingerprint(reader))
})
