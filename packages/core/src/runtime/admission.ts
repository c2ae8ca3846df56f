import type { OutgoingMessage } from './bus.js'
import type { Member } from './subscriptions.js'

/**
 * Makes sure that whoever hears some messages has room for all of them. Returns a promise when a recipient has to make room first: what it
 * resolves to is given with the next attempt. Throws `MAILBOX_FULL` when one has no room.
 */
export type AdmitMessages = (messages: readonly OutgoingMessage[], waited?: Member) => Promise<Member> | undefined

/** `assertSound` throws when nothing more can be written, and so nothing admitted. */
export function createAdmission(assertSound: () => void): AdmitMessages {
  /** The member without room that the last admission met. */
  let blocking: Member | undefined

  const admitAll = (messages: readonly OutgoingMessage[]): Promise<Member> | undefined => {
    const touched: Member[] = []
    try {
      for (const outgoing of messages) {
        const room = admitOne(outgoing, touched)
        if (room !== undefined) return room
      }
      return undefined
    } finally {
      for (const member of touched) member.admitted = 0
    }
  }

  const admitOne = (
    { message, notes }: OutgoingMessage,
    touched: Member[] | undefined,
  ): Promise<Member> | undefined => {
    for (const group of notes.groups) {
      if (message.group !== undefined && message.group !== group.name) continue
      const member = group.memberFor(message.key)
      if (member === undefined) continue
      const own = member.admitted
      const more = own + group.held + member.expected
      const refusal = member.refusal(message, more)
      if (refusal !== undefined) throw refusal
      // An agent does not wait for itself.
      if (!member.hasRoom(more, own) && message.publisher !== member.instance) {
        blocking = member
        return member.waitForRoom()
      }
      if (touched === undefined) continue
      if (member.admitted === 0) touched.push(member)
      member.admitted += 1
    }
    return undefined
  }

  return (messages, waited) => {
    assertSound()
    waited?.claimRoom()
    const only = messages.length === 1 ? messages[0] : undefined
    try {
      const room = only === undefined ? admitAll(messages) : admitOne(only, undefined)
      // It waits for another now, so that what it waited for before is the next one's.
      if (room !== undefined && blocking !== waited) waited?.tellRoom()
      return room
    } catch (error) {
      waited?.tellRoom()
      throw error
    }
  }
}
