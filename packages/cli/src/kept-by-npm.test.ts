import { expect, test } from 'vitest'
import { assertNoneKeptByNpm } from './kept-by-npm.js'

const names = ['broker', 'fake', 'stop-venue', 'pace']
const check = (words: readonly string[], environment: Readonly<Record<string, string>>) => () =>
  assertNoneKeptByNpm(names, words, { npm_lifecycle_event: 'start', npm_config_cache: '/x', ...environment })

test.each([
  [['okx'], { npm_config_broker: 'true', npm_config_fake: 'true' }, '--broker and --fake', '--broker okx --fake'],
  [[], { npm_config_broker: 'okx', npm_config_fake: 'true' }, '--broker and --fake', '--broker okx --fake'],
  [['okx'], { npm_config_broker: 'true', npm_config_stop_venue: 'true' }, '', '--broker okx --stop-venue'],
  [['swarm.config.ts'], { npm_config_fake: 'true' }, '--fake', '--fake swarm.config.ts'],
])('options that npm kept are told, with how to write them: %j %j', (words, environment, kept, meant) => {
  expect(check(words, environment)).toThrow(kept)
  expect(check(words, environment)).toThrow(`for itself: write npm start -- ${meant}`)
})

test('what npm knows itself, and what comes without npm, is no matter', () => {
  expect(check(['--broker', 'okx'], {})).not.toThrow()
  expect(() => assertNoneKeptByNpm(names, [], { npm_config_fake: 'true' })).not.toThrow()
})
