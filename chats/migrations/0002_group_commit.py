"""Two functions that carry a batch of messages of several organizations in one round trip each.

They move rows and decide nothing: what is written is worked out in `chats.services.batch`. They run as their caller,
so row security holds inside them; each organization is entered before its rows are touched.
"""

from django.db import migrations

TAKE = """
CREATE FUNCTION chats_take(asked jsonb) RETURNS TABLE (kind text, content json)
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    org text;
    want jsonb;
    conversations uuid[];
    clients uuid[];
BEGIN
    FOR org, want IN SELECT * FROM jsonb_each(asked) ORDER BY 1 LOOP
        PERFORM set_config('app.tenant', org, true);
        conversations := ARRAY(SELECT jsonb_array_elements_text(want->'conversations')::uuid);
        clients := ARRAY(SELECT jsonb_array_elements_text(want->'clients')::uuid);
        -- Whoever else holds a conversation is not waited for: the batch goes on without it.
        RETURN QUERY
            SELECT 'conversation', json_build_object(
                'conversation', to_json(c),
                'organization', json_build_object('id', o.id, 'retention_days', o.retention_days),
                'widget', json_build_object('id', w.id, 'organization_id', w.organization_id, 'name', w.name,
                                            'is_active', w.is_active),
                'end_user', json_build_object('id', e.id, 'first_name', e.first_name, 'last_name', e.last_name,
                                              'email', e.email, 'is_verified', e.is_verified,
                                              'expires_at', e.expires_at),
                'assignee', CASE WHEN m.id IS NOT NULL
                            THEN json_build_object('id', m.id, 'display_name', m.display_name) END)
            FROM chats_conversation c
            JOIN accounts_organization o ON o.id = c.organization_id
            JOIN widget_widget w ON w.organization_id = c.organization_id AND w.id = c.widget_id
            JOIN widget_enduser e ON e.organization_id = c.organization_id AND e.id = c.end_user_id
            LEFT JOIN accounts_membership m ON m.organization_id = c.organization_id AND m.id = c.assignee_id
            WHERE c.organization_id = org::uuid AND c.id = ANY(conversations)
              AND c.expires_at > now() AND c.restricted_at IS NULL
            ORDER BY c.id
            FOR NO KEY UPDATE OF c SKIP LOCKED;
        -- A statement of its own sees what was committed while the locks were waited for.
        RETURN QUERY
            SELECT 'message', to_json(m) FROM chats_message m
            WHERE m.organization_id = org::uuid AND m.conversation_id = ANY(conversations)
              AND m.client_id = ANY(clients);
    END LOOP;
END $$;
"""

STORE = """
CREATE FUNCTION chats_store(work jsonb) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    org text;
    rows jsonb;
BEGIN
    FOR org, rows IN SELECT * FROM jsonb_each(work) ORDER BY 1 LOOP
        PERFORM set_config('app.tenant', org, true);
        INSERT INTO chats_message SELECT * FROM jsonb_populate_recordset(NULL::chats_message, rows->'messages');
        UPDATE chats_conversation c
        SET last_seq = r.last_seq, version = r.version, operator_unread = r.operator_unread,
            end_user_unread = r.end_user_unread, last_kind = r.last_kind, last_author_kind = r.last_author_kind,
            last_author_id = r.last_author_id, last_author_name = r.last_author_name, last_body = r.last_body,
            last_message_at = r.last_message_at, waiting_since = r.waiting_since, updated_at = r.updated_at,
            expires_at = r.expires_at
        FROM jsonb_populate_recordset(NULL::chats_conversation, rows->'conversations') r
        WHERE c.organization_id = org::uuid AND c.id = r.id;
    END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("chats", "0001_initial")]

    operations = [
        migrations.RunSQL(TAKE, "DROP FUNCTION IF EXISTS chats_take(jsonb)"),
        migrations.RunSQL(STORE, "DROP FUNCTION IF EXISTS chats_store(jsonb)"),
    ]
