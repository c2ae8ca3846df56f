import { z } from 'zod'

const killSwitchRecord = z.object({
  engaged: z.boolean(),
  reason: z.string(),
  time: z.number(),
  scopes: z.record(z.string(), z.string()).exactOptional(),
})

/** A kill switch as it was stored; undefined where none was. Throws what is thrown for a text that is none: then all is halted. */
export function parseKillSwitch(text: string | undefined): z.output<typeof killSwitchRecord> | undefined {
  return text === undefined ? undefined : killSwitchRecord.parse(JSON.parse(text))
}
