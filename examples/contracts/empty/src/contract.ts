import { defineContract, map, t } from 'vostro/contract';

const notice = t.struct({ author: t.address, text: t.text(140), publishedAt: t.uint() });

const state = { notices: map([t.id], notice) };
const events = { Published: { id: t.id, author: t.address } };
const errors = { NOTICE_EXISTS: { id: t.id } };

const declaration = defineContract({ name: 'notices', version: 1, state, events, errors });

/** Notices that accounts publish, each under an id that is used once. */
export const contract = declaration.build({
  publish: declaration.tx({ args: { id: t.id, text: t.text(140) }, auth: { sender: true } }, (ctx, { id, text }) => {
    ctx.require(!ctx.state.notices.has(id), 'NOTICE_EXISTS', { id });
    ctx.state.notices.set(id, { author: ctx.sender, text, publishedAt: ctx.timestamp });
    ctx.emit('Published', { id, author: ctx.sender });
  }),

  notice: declaration.view({ args: { id: t.id }, returns: t.optional(notice) }, (ctx, { id }) =>
    ctx.state.notices.find(id),
  ),
});
