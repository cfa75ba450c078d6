// A yardstick: a chat as people build it on Node. `ws` for the sockets, one INSERT a message through `pg`, Valkey's
// pub/sub between two processes, sign-in by a session's cookie. It speaks the product's frames.
import cluster from 'node:cluster';
import { createServer } from 'node:http';
import pg from 'pg';
import { createClient } from 'redis';
import { WebSocketServer } from 'ws';

const { PORT, PROCESSES, DATABASE_URL, REDIS_URL } = process.env;
const TOPIC = 'messages';
const INSERT = `INSERT INTO message (conversation, author, client_id, body) VALUES ($1, $2, $3, $4)
  ON CONFLICT (conversation, client_id) DO NOTHING RETURNING id, created_at`;
const STORED = 'SELECT id, created_at FROM message WHERE conversation = $1 AND client_id = $2';

if (cluster.isPrimary) {
  for (let number = 0; number < Number(PROCESSES); number += 1) cluster.fork();
  cluster.on('exit', () => process.exit(1));
} else {
  await serve();
}

async function serve() {
  const database = new pg.Pool({ connectionString: DATABASE_URL, max: 10 });
  const publisher = await createClient({ url: REDIS_URL }).connect();
  const subscriber = await publisher.duplicate().connect();
  const rooms = new Map();
  await subscriber.subscribe(TOPIC, (text) => {
    // A conversation's id has 36 characters; the frame follows it as it goes to the sockets.
    for (const socket of rooms.get(text.slice(0, 36)) ?? []) socket.send(text.slice(36));
  });
  const http = createServer((_, response) => response.end());
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  http.on('upgrade', async (request, connection, head) => {
    const person = await personOf(database, request);
    if (person === undefined) connection.destroy();
    else sockets.handleUpgrade(request, connection, head, (socket) => welcome(socket, person));
  });
  http.listen({ port: Number(PORT), host: '127.0.0.1', backlog: 2048 });

  function welcome(socket, person) {
    const mine = new Set();
    const commands = {
      async hello(data) {
        const found = await database.query(
          'SELECT conversation FROM member WHERE person = $1 AND conversation = ANY($2)',
          [person, Object.keys(data.cursors)],
        );
        for (const { conversation } of found.rows) {
          mine.add(conversation);
          if (!rooms.has(conversation)) rooms.set(conversation, new Set());
          rooms.get(conversation).add(socket);
        }
        return {};
      },
      async heartbeat() {
        return {};
      },
      async 'message.send'(data) {
        const { conversation, client_id, body } = data;
        if (!mine.has(conversation)) throw new Error('not a member');
        const written = await database.query({
          name: 'insert',
          text: INSERT,
          values: [conversation, person, client_id, body],
        });
        const row = written.rows[0] ?? (await database.query(STORED, [conversation, client_id])).rows[0];
        const { id, created_at } = row;
        const message = { id, conversation, seq: Number(id), version: null, author: { id: person }, client_id, body, created_at };
        return { message, isNew: written.rows.length > 0 };
      },
    };
    socket.on('message', async (bytes) => {
      const { id, type, data } = JSON.parse(bytes);
      try {
        const { isNew, ...answer } = await commands[type](data);
        socket.send(JSON.stringify({ re: id, ok: true, data: answer }));
        if (isNew) {
          const { conversation } = answer.message;
          const event = { type: 'message.created', conversation, data: answer };
          await publisher.publish(TOPIC, conversation + JSON.stringify(event));
        }
      } catch (error) {
        socket.send(JSON.stringify({ re: id, ok: false, error: { code: 'internal', message: String(error) } }));
      }
    });
    socket.on('close', () => {
      for (const conversation of mine) {
        rooms.get(conversation).delete(socket);
        if (rooms.get(conversation).size === 0) rooms.delete(conversation);
      }
    });
    socket.on('error', () => socket.terminate());
  }
}

async function personOf(database, request) {
  const session = /(?:^|; )session=([^;]+)/.exec(request.headers.cookie ?? '')?.[1];
  if (session === undefined) return undefined;
  const found = await database.query({ name: 'person', text: 'SELECT id FROM person WHERE session = $1', values: [session] });
  return found.rows[0]?.id;
}
