import type { Command } from '../command.js'
import { renderExplanation } from '../output/explanation.js'
import { parseOptions, textOption } from '../parse-options.js'
import { explainOrder } from '../runs/explain-order.js'
import { openRun } from '../runs/open-run.js'
import { usageError } from '../usage-error.js'

/** `explain ORDER`: the chain from cash back to the posts. */
export const explainCommand: Command = async (words, terminal) => {
  const { values, positionals } = parseOptions(
    'explain',
    words,
    { json: { type: 'boolean' }, run: { type: 'string' } },
    { minimum: 1, maximum: 2, names: 'the id of an order' },
  )
  const [named, run = named] = [textOption(values, 'run'), positionals[1]]
  if (named !== undefined && run !== named) throw usageError(`--run ${named} and ${run}: which run is meant?`)
  const { storage } = await openRun(terminal.workingDirectory, run)
  try {
    const orderId = positionals[0] ?? ''
    const explanation = await explainOrder(storage, orderId)
    if (explanation === undefined)
      throw usageError(`there is no order "${orderId}" in this run; tradeswarm orders lists them`)
    if (values.json === true) terminal.print(JSON.stringify(explanation))
    else for (const line of renderExplanation(explanation)) terminal.print(line)
    return 0
  } finally {
    await storage.close()
  }
}
