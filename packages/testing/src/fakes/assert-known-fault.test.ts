import { expect, test } from 'vitest'
import type { FakeFault } from './alpaca/fault-board.js'
import { FaultBoard } from './alpaca/fault-board.js'
import { createFakeOpenAi } from './models/create-fake-models.js'

test.each<[object | undefined, string]>([
  [{ kind: 'hng' }, 'fake Alpaca: fail: there is no fault of the kind hng; did you mean hang?'],
  [{}, 'there is no fault of the kind undefined; there are: hang, status, too-many'],
  [{ kind: 'hang', wen: 'after' }, 'fake Alpaca: fail: there is no option wen; did you mean when?'],
  [{ kind: 'hidden', when: 'after' }, 'fake Alpaca: fail: hidden: there is no option when; there are: kind, on, times'],
  [undefined, 'fake Alpaca: fail: its options are undefined'],
])('a fault that there is not is refused by the fake of Alpaca: %o', (fault, message) => {
  const board = new FaultBoard()
  expect(() => board.add(fault as FakeFault)).toThrow(
    expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(message) }),
  )
  expect(board.take('GET', '/v2/orders')).toBeUndefined()
})

test('and by the fakes of models', async () => {
  const server = await createFakeOpenAi()
  const fail = (fault: object) => () => server.fail(fault as never)
  expect(fail({ kind: 'garbge' })).toThrow(
    'fake model: fail: there is no fault of the kind garbge; did you mean garbage?',
  )
  expect(fail({ kind: 'status', status: 429, retryAfterSecond: 1 })).toThrow('did you mean retryAfterSeconds?')
  expect(fail({ kind: 'cut', status: 500 })).toThrow('fake model: fail: cut: there is no option status')
  expect(fail({ kind: 'cut', afterPieces: 1, times: 2 })).not.toThrow()
  await server.close()
})
