"""One function that stores a batch of plain messages of any organizations: one statement, one COMMIT, one round trip.

Row security stays on, in a form of its own: the function runs as the owner of the tables, whose policies show it the
organizations of its drafts and no other, and only for as long as it runs; each draft is held to its own organization by
the keys that it joins on. So one statement serves all organizations of a batch, where entering them one after another
cost four statements each. Nobody but the application may call it; for anybody else the policies do not exist.

What it decides is what `chats.services.messages` decides for a message alone, and tests compare the two column by column.
"""

from django.db import migrations

# The setting lives as long as the transaction, and means something only to the owner of the tables.
_ENTERED = "organization_id = ANY ((SELECT string_to_array(current_setting('app.tenants', true), ',')::uuid[])::uuid[])"
SEEN = ("accounts_membership", "widget_widget", "widget_enduser", "chats_conversation", "chats_message")

POLICIES = [
    *(
        f'CREATE POLICY "{table}_seen_by_batch" ON "{table}" FOR SELECT TO livecaller_owner USING ({_ENTERED})'
        for table in SEEN
    ),
    (
        'CREATE POLICY "chats_message_stored_by_batch" ON "chats_message" FOR INSERT TO livecaller_owner '
        f"WITH CHECK ({_ENTERED})"
    ),
    (
        'CREATE POLICY "chats_conversation_moved_by_batch" ON "chats_conversation" FOR UPDATE TO livecaller_owner '
        f"USING ({_ENTERED}) WITH CHECK ({_ENTERED})"
    ),
]
NO_POLICIES = [
    *(f'DROP POLICY "{table}_seen_by_batch" ON "{table}"' for table in SEEN),
    'DROP POLICY "chats_message_stored_by_batch" ON "chats_message"',
    'DROP POLICY "chats_conversation_moved_by_batch" ON "chats_conversation"',
]

MOMENT = """
CREATE FUNCTION chats_moment(at timestamptz) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
$$;
"""

# As `EndUser.display_name` says it.
NAME = """
CREATE FUNCTION chats_name(person widget_enduser) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(nullif(left(btrim(person.first_name || ' ' || person.last_name), 120), ''),
                    'Visitor ' || upper(right(person.id::text, 4)))
$$;
"""

# Drafts: place, id, organization, conversation, end_user (null: an operator's), client, kind and id of the author,
# name (of an operator), body. Returned for each that is stored, is stored already, or has to be written alone (`left`);
# who is missing is held by somebody else or not there. The last of each conversation brings what lists show of it.
WRITE = """
CREATE FUNCTION chats_write(at timestamptz, organizations text, drafts jsonb)
RETURNS TABLE (place integer, outcome text, seq bigint, version bigint, name text, known text,
               end_user uuid, conversation text, thread text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = public, pg_temp SET enable_seqscan = off
AS $$
#variable_conflict use_column
DECLARE
    held uuid[];
BEGIN
    PERFORM set_config('app.tenants', organizations, true);
    -- Whoever else holds a conversation is not waited for: the batch goes on without it.
    SELECT array_agg(one.id) INTO held FROM (
        SELECT c.id FROM chats_conversation c
        WHERE c.id = ANY(ARRAY(SELECT (jsonb_array_elements(drafts)->>'conversation')::uuid))
          AND c.expires_at > now() AND c.restricted_at IS NULL
        FOR NO KEY UPDATE SKIP LOCKED) one;
    -- A statement of its own sees what was committed until the locks were had.
    RETURN QUERY
    WITH draft AS (
        SELECT * FROM jsonb_to_recordset(drafts) AS d(place integer, id uuid, organization uuid, conversation uuid,
            end_user uuid, client uuid, author_kind text, author uuid, name text, body text)
    ), seen AS (
        SELECT d.place, d.id, d.organization, d.conversation, d.client, d.author_kind, d.author, d.body,
               CASE WHEN d.end_user IS NULL THEN d.name ELSE chats_name(e) END AS author_name,
               at + make_interval(days => o.retention_days) AS expires_at,
               CASE WHEN k.id IS NOT NULL THEN
                        CASE WHEN k.kind = 'text' AND k.body = d.body AND k.author_kind = d.author_kind
                              AND k.edited_at IS NULL AND k.deleted_at IS NULL
                              AND (d.author_kind = 'end_user' OR k.author_id = d.author) THEN 'known' ELSE 'left' END
                    WHEN d.end_user IS NULL OR (c.end_user_id = d.end_user AND c.state <> 'closed' AND w.is_active
                         AND e.expires_at >= c.expires_at - interval '1 day') THEN 'stored'
                    ELSE 'left' END AS outcome,
               CASE WHEN k.id IS NOT NULL THEN to_json(k)::text END AS known
        FROM draft d
        JOIN chats_conversation c ON c.organization_id = d.organization AND c.id = d.conversation
        JOIN accounts_organization o ON o.id = d.organization
        JOIN widget_widget w ON w.organization_id = d.organization AND w.id = c.widget_id
        JOIN widget_enduser e ON e.organization_id = d.organization AND e.id = c.end_user_id
        LEFT JOIN chats_message k ON k.organization_id = d.organization AND k.conversation_id = d.conversation
                                 AND k.client_id = d.client
        WHERE c.id = ANY(held)
    ), fresh AS MATERIALIZED (
        SELECT s.*, row_number() OVER (together ORDER BY s.place) AS nth, count(*) OVER together AS n,
               count(*) FILTER (WHERE s.author_kind = 'operator') OVER together AS by_operators
        FROM seen s WINDOW together AS (PARTITION BY s.conversation, s.outcome)
    ), moved AS (
        UPDATE chats_conversation c SET
            last_seq = c.last_seq + f.n, version = c.version + f.n,
            operator_unread = c.operator_unread + f.n - f.by_operators,
            end_user_unread = c.end_user_unread + f.by_operators,
            last_kind = 'text', last_author_kind = f.author_kind, last_author_id = f.author,
            last_author_name = f.author_name, last_body = left(f.body, 140), last_message_at = at,
            -- Who was answered within this batch waits from now on, whoever was not has waited for longer.
            waiting_since = CASE WHEN f.author_kind = 'operator' THEN NULL
                                 WHEN c.state = 'open' AND f.by_operators = 0 THEN coalesce(c.waiting_since, at)
                                 WHEN c.state = 'open' THEN at
                                 WHEN f.by_operators = 0 THEN c.waiting_since END,
            updated_at = greatest(c.updated_at, at), expires_at = greatest(c.expires_at, f.expires_at)
        FROM fresh f
        WHERE f.outcome = 'stored' AND f.nth = f.n AND c.organization_id = f.organization AND c.id = f.conversation
        RETURNING c.*
    ), stored AS (
        INSERT INTO chats_message (id, organization_id, conversation_id, seq, version, kind, author_kind, author_id,
                                   author_name, client_id, body, created_at, edited_at, deleted_at, expires_at,
                                   restricted_at)
        SELECT f.id, f.organization, f.conversation, m.last_seq - f.n + f.nth, m.version - f.n + f.nth, 'text',
               f.author_kind, f.author, f.author_name, f.client, f.body, at, NULL, NULL, f.expires_at, NULL
        FROM fresh f JOIN moved m ON m.id = f.conversation WHERE f.outcome = 'stored'
    )
    SELECT f.place, f.outcome, (m.last_seq - f.n + f.nth)::bigint, (m.version - f.n + f.nth)::bigint, f.author_name, f.known, m.end_user_id,
           CASE WHEN e.id IS NOT NULL THEN json_build_object(
               'id', m.id, 'version', m.version, 'note_version', m.note_version, 'floor_version', m.floor_version,
               'state', m.state, 'channel', m.channel, 'widget', json_build_object('id', w.id, 'name', w.name),
               'end_user', json_build_object('id', e.id, 'name', chats_name(e), 'email', nullif(e.email, ''),
                                             'is_verified', e.is_verified),
               'assignee', CASE WHEN a.id IS NOT NULL
                           THEN json_build_object('id', a.id, 'name', a.display_name) END,
               'last_seq', m.last_seq, 'unread', m.operator_unread,
               'last_message', json_build_object('kind', m.last_kind, 'body', m.last_body,
                   'author', json_build_object('kind', m.last_author_kind, 'id', m.last_author_id,
                                               'name', m.last_author_name),
                   'created_at', chats_moment(m.last_message_at)),
               'end_user_read_seq', m.end_user_read_seq, 'operator_read_seq', m.operator_read_seq,
               'waiting_since', chats_moment(m.waiting_since),
               'page_url', nullif(m.page_url, ''), 'page_title', nullif(m.page_title, ''),
               'created_at', chats_moment(m.created_at), 'updated_at', chats_moment(m.updated_at),
               'closed_at', chats_moment(m.closed_at), 'expires_at', chats_moment(m.expires_at))::text END,
           CASE WHEN e.id IS NOT NULL THEN json_build_object(
               'id', m.id, 'version', m.version, 'floor_version', m.floor_version,
               'state', CASE WHEN m.state = 'open' THEN 'open' ELSE 'closed' END,
               'last_seq', m.last_seq, 'unread', m.end_user_unread, 'end_user_read_seq', m.end_user_read_seq,
               'operator_read_seq', m.operator_read_seq,
               'operator', CASE WHEN a.id IS NOT NULL
                           THEN json_build_object('id', a.id, 'name', a.display_name) END,
               'created_at', chats_moment(m.created_at), 'expires_at', chats_moment(m.expires_at))::text END
    FROM fresh f
    LEFT JOIN moved m ON m.id = f.conversation AND f.outcome = 'stored'
    LEFT JOIN widget_widget w ON w.organization_id = m.organization_id AND w.id = m.widget_id AND f.nth = f.n
    LEFT JOIN widget_enduser e ON e.organization_id = m.organization_id AND e.id = m.end_user_id AND f.nth = f.n
    LEFT JOIN accounts_membership a ON a.organization_id = m.organization_id AND a.id = m.assignee_id AND f.nth = f.n
    ORDER BY f.place;
END $$;
REVOKE ALL ON FUNCTION chats_write(timestamptz, text, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION chats_write(timestamptz, text, jsonb) TO livecaller_app;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("chats", "0004_hellos"),
        ("accounts", "0002_declared_at"),
        ("widget", "0002_languages_and_the_browsers_visit"),
    ]

    operations = [
        *(migrations.RunSQL(make, drop) for make, drop in zip(POLICIES, NO_POLICIES, strict=True)),
        migrations.RunSQL(MOMENT, "DROP FUNCTION chats_moment(timestamptz)"),
        migrations.RunSQL(NAME, "DROP FUNCTION chats_name(widget_enduser)"),
        migrations.RunSQL(WRITE, "DROP FUNCTION chats_write(timestamptz, text, jsonb)"),
        # What it replaces; nothing that was released calls them.
        migrations.RunSQL("DROP FUNCTION chats_take(jsonb)", migrations.RunSQL.noop),
        migrations.RunSQL("DROP FUNCTION chats_store(jsonb)", migrations.RunSQL.noop),
    ]
