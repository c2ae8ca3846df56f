import { expect, onTestFinished, test } from 'vitest'
import { createFakeAlpaca } from '../alpaca/create-fake-alpaca.js'
import { runFakeAlpaca } from '../alpaca/run-fake-alpaca.js'
import { createFakeOpenAi } from '../models/create-fake-models.js'
import { createFakeOkx } from '../okx/create-fake-okx.js'
import { runFakeOkx } from '../okx/run-fake-okx.js'

async function takenPort(): Promise<number> {
  const fake = await createFakeOkx()
  onTestFinished(() => fake.close())
  return fake.port
}

test.each([
  ['Alpaca', createFakeAlpaca],
  ['OKX', createFakeOkx],
  ['a model', createFakeOpenAi],
])('a port in use is refused by the fake of %s with what to do', async (_, create) => {
  const port = await takenPort()
  await expect(create({ port })).rejects.toMatchObject({
    code: 'INVALID_OPTION',
    message: `port ${port} of 127.0.0.1 is in use; name another port, or 0 for a free one`,
    context: { option: 'port' },
  })
})

test.each([
  ['tradeswarm-fake-alpaca', runFakeAlpaca],
  ['tradeswarm-fake-okx', runFakeOkx],
])('and by %s', async (name, run) => {
  const port = await takenPort()
  const said: string[] = []
  const note = (line: string) => void said.push(line)
  await run(['--port', String(port)], { out: note, fail: note })
  expect(said).toEqual([`${name}: port ${port} of 127.0.0.1 is in use; name another --port, or 0 for a free one`])
})
