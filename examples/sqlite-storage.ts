// A swarm on a file: it goes on where it was, another process reads beside it, old entries move to the archive, the chain is checked.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Agent, archiveJournal, createSwarm, createSystemClock, defineTopic, verifyJournal } from '@tradeswarm/core'
import { createSqliteStorage } from '@tradeswarm/storage-sqlite'
import { z } from 'zod'

const Filled = defineTopic('order.filled', { schema: z.object({ quantity: z.number() }), delivery: 'durable' })

class Position extends Agent<typeof Position> {
  static readonly role = 'position'

  protected override onStart() {
    this.subscribe(Filled, ({ quantity }, { state }) => {
      state.set('quantity', (state.get<number>('quantity') ?? 0) + quantity)
    })
  }
}

const folder = await mkdtemp(join(tmpdir(), 'tradeswarm-'))
const file = join(folder, 'swarm.db')
// `full`: a commit survives a power cut. `normal`, the default, survives the death of the process.
const open = () => createSwarm({ agents: [Position], storage: createSqliteStorage(file, { synchronous: 'full' }) })

for (const life of [1, 2]) {
  const swarm = open()
  await swarm.start()
  for (let fill = 0; fill < 50; fill += 1) await swarm.publish(Filled, { quantity: 1 })
  const second = open()
  if (life === 2) await second.start().catch((error: Error) => console.log(error.message.replace(folder, '…')))
  await swarm.stop()
}

const clock = createSystemClock()
const reader = await createSqliteStorage(file, { readOnly: true }).open({ clock })
console.log('quantity', (await reader.keyValue.get('state/position/quantity'))?.value)
await reader.close()

const writer = await createSqliteStorage(file).open({ clock })
const { segments } = await archiveJournal(writer, { keepEntries: 10 })
console.log(
  'archived',
  segments.map(({ from, to }) => `${from} to ${to}`).join(', '),
  '- live from',
  await writer.journal.first(),
)
const checked = await verifyJournal(writer.journal)
console.log(checked.ok ? `${checked.entries} entries, chain holds` : checked.reason)
await writer.close()
await rm(folder, { recursive: true })
