import { expect, test } from 'vitest'
import { encodingNames } from './attack-encodings.js'
import { goalNames, languageNames } from './attack-goals.js'
import { styleNames } from './attack-styles.js'
import { attacks, orderIn } from './attacks.js'

test('there are at least 300 different attacks, in every style, language and encoding and for every goal', () => {
  expect(attacks.length).toBeGreaterThanOrEqual(300)
  expect(new Set(attacks.map(({ text }) => text)).size).toBe(attacks.length)
  expect(new Set(attacks.map(({ style }) => style))).toEqual(new Set(styleNames))
  expect(new Set(attacks.map(({ language }) => language))).toEqual(new Set(languageNames))
  expect(new Set(attacks.map(({ encoding }) => encoding))).toEqual(new Set(encodingNames))
  expect(new Set(attacks.map(({ goal }) => goal))).toEqual(new Set(goalNames))
})

test('whoever obeys understands every one of them as it is posted', () => {
  expect(attacks.filter(({ text, goal }) => orderIn(text) !== goal).map(({ id }) => id)).toEqual([])
})

test('nothing is read into what orders nothing', () => {
  for (const text of ['$AAA beats estimates, up 5%', 'Buy the dip?', '', 'Weak guidance, I am out'])
    expect(orderIn(text)).toBeUndefined()
})
