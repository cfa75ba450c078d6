"""A function that reads what the heartbeats of many end-users ask for, of several organizations in one round trip."""

from django.db import migrations

BEATS = """
CREATE FUNCTION chats_beats(asked jsonb) RETURNS TABLE (kind text, content json)
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    org text;
    want jsonb;
BEGIN
    FOR org, want IN SELECT * FROM jsonb_each(asked) ORDER BY 1 LOOP
        PERFORM set_config('app.tenant', org, true);
        RETURN QUERY
            SELECT 'token', json_build_object(
                'id', t.id, 'end_user_id', t.end_user_id,
                'widget', json_build_object('id', w.id, 'organization_id', w.organization_id, 'is_active', w.is_active))
            FROM widget_visitortoken t
            JOIN widget_enduser e ON e.organization_id = t.organization_id AND e.id = t.end_user_id
            JOIN widget_widget w ON w.organization_id = e.organization_id AND w.id = e.widget_id
            WHERE t.organization_id = org::uuid
              AND t.id = ANY(ARRAY(SELECT jsonb_array_elements_text(want->'tokens')::uuid))
              AND t.revoked_at IS NULL AND t.restricted_at IS NULL AND t.expires_at > now()
              AND e.restricted_at IS NULL AND e.expires_at > now();
        RETURN QUERY
            SELECT 'head', json_build_object('id', c.id, 'end_user_id', c.end_user_id, 'version', c.version)
            FROM chats_conversation c
            WHERE c.organization_id = org::uuid
              AND c.id = ANY(ARRAY(SELECT jsonb_array_elements_text(want->'conversations')::uuid))
              AND c.restricted_at IS NULL AND c.expires_at > now();
    END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("chats", "0002_group_commit")]

    operations = [migrations.RunSQL(BEATS, "DROP FUNCTION chats_beats(jsonb)")]
