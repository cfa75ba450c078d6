CREATE TABLE person (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, session text NOT NULL UNIQUE);
CREATE TABLE conversation (id uuid PRIMARY KEY);
CREATE TABLE member (
  person bigint NOT NULL REFERENCES person,
  conversation uuid NOT NULL REFERENCES conversation,
  PRIMARY KEY (person, conversation)
);
CREATE TABLE message (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  conversation uuid NOT NULL REFERENCES conversation,
  author bigint NOT NULL REFERENCES person,
  client_id uuid NOT NULL,
  body text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (conversation, client_id)
);
