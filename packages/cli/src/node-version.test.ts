import { expect, test } from 'vitest'
import { tooOldNode } from './node-version.js'

test('a Node that is too old is named with what to do; newer ones pass', () => {
  for (const old of ['20.20.2', '22.12.0', '18.0.0'])
    expect(tooOldNode(old)).toMatch(new RegExp(`Node ${old} is too old, it needs 22.13`))
  for (const fine of ['22.13.0', '24.21.0', '26.0.1']) expect(tooOldNode(fine)).toBeUndefined()
})
