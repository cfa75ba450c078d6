"""Three functions that read what many end-users need who come or go, of several organizations in one round trip each."""

from django.db import migrations

HELLOS = """
CREATE FUNCTION chats_hellos(asked jsonb) RETURNS TABLE (kind text, content json)
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    org text;
    want jsonb;
BEGIN
    FOR org, want IN SELECT * FROM jsonb_each(asked) ORDER BY 1 LOOP
        PERFORM set_config('app.tenant', org, true);
        RETURN QUERY
            SELECT 'token', json_build_object(
                'id', t.id, 'visit_id', t.visit_id,
                'end_user', json_build_object('id', e.id, 'first_name', e.first_name, 'last_name', e.last_name),
                'widget', json_build_object('id', w.id, 'organization_id', w.organization_id, 'is_active', w.is_active))
            FROM widget_visitortoken t
            JOIN widget_enduser e ON e.organization_id = t.organization_id AND e.id = t.end_user_id
            JOIN widget_widget w ON w.organization_id = e.organization_id AND w.id = e.widget_id
            WHERE t.organization_id = org::uuid
              AND t.id = ANY(ARRAY(SELECT jsonb_array_elements_text(want->'tokens')::uuid))
              AND t.revoked_at IS NULL AND t.restricted_at IS NULL AND t.expires_at > now()
              AND e.restricted_at IS NULL AND e.expires_at > now();
        RETURN QUERY
            SELECT 'conversation', json_build_object(
                'conversation', to_json(c),
                'assignee', CASE WHEN m.id IS NOT NULL
                            THEN json_build_object('id', m.id, 'display_name', m.display_name) END)
            FROM chats_conversation c
            LEFT JOIN accounts_membership m ON m.organization_id = c.organization_id AND m.id = c.assignee_id
            WHERE c.organization_id = org::uuid
              AND c.id = ANY(ARRAY(SELECT jsonb_array_elements_text(want->'conversations')::uuid))
              AND c.restricted_at IS NULL AND c.expires_at > now();
        RETURN QUERY
            SELECT 'online', json_build_object('id', m.id, 'organization_id', m.organization_id)
            FROM accounts_membership m
            WHERE m.organization_id = org::uuid AND m.is_active AND m.status = 'online';
    END LOOP;
END $$;
"""

PEOPLE = """
CREATE FUNCTION chats_people(asked jsonb, most integer) RETURNS TABLE (content json)
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    org text;
    want jsonb;
BEGIN
    FOR org, want IN SELECT * FROM jsonb_each(asked) ORDER BY 1 LOOP
        PERFORM set_config('app.tenant', org, true);
        RETURN QUERY
            SELECT json_build_object(
                'conversation', to_json(c),
                'widget', json_build_object('id', w.id, 'name', w.name),
                'end_user', json_build_object('id', e.id, 'first_name', e.first_name, 'last_name', e.last_name,
                                              'email', e.email, 'is_verified', e.is_verified),
                'assignee', CASE WHEN m.id IS NOT NULL
                            THEN json_build_object('id', m.id, 'display_name', m.display_name) END)
            FROM widget_enduser e
            CROSS JOIN LATERAL (
                SELECT * FROM chats_conversation c
                WHERE c.organization_id = e.organization_id AND c.end_user_id = e.id AND c.state = 'open'
                  AND c.restricted_at IS NULL AND c.expires_at > now()
                ORDER BY c.updated_at DESC, c.id DESC LIMIT most) c
            JOIN widget_widget w ON w.organization_id = c.organization_id AND w.id = c.widget_id
            LEFT JOIN accounts_membership m ON m.organization_id = c.organization_id AND m.id = c.assignee_id
            WHERE e.organization_id = org::uuid
              AND e.id = ANY(ARRAY(SELECT jsonb_array_elements_text(want)::uuid));
    END LOOP;
END $$;
"""

MISSED = """
CREATE FUNCTION chats_missed(asked jsonb) RETURNS TABLE (place integer, content json)
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    org text;
    want jsonb;
BEGIN
    FOR org, want IN SELECT * FROM jsonb_each(asked) ORDER BY 1 LOOP
        PERFORM set_config('app.tenant', org, true);
        RETURN QUERY
            SELECT one.place, json_build_object(
                'message', to_json(m),
                'files', (SELECT json_agg(to_json(a) ORDER BY a.id) FROM chats_attachment a
                          WHERE a.organization_id = org::uuid AND a.message_id = m.id
                            AND a.restricted_at IS NULL AND a.expires_at > now()))
            FROM jsonb_to_recordset(want)
                 AS one(place integer, conversation uuid, after bigint, upto bigint, most integer)
            CROSS JOIN LATERAL (
                SELECT * FROM chats_message
                WHERE organization_id = org::uuid AND conversation_id = one.conversation
                  AND seq <= one.upto AND version > one.after AND restricted_at IS NULL AND expires_at > now()
                ORDER BY seq DESC LIMIT one.most) m;
    END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("chats", "0003_beats")]

    operations = [
        migrations.RunSQL(HELLOS, "DROP FUNCTION chats_hellos(jsonb)"),
        migrations.RunSQL(MISSED, "DROP FUNCTION chats_missed(jsonb)"),
        migrations.RunSQL(PEOPLE, "DROP FUNCTION chats_people(jsonb, integer)"),
    ]
