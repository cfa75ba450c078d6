import django.db.models.deletion
from django.db import migrations, models

import livecaller.core.tenancy.models
from livecaller.core.tenancy.operations import AddTenantReference


class Migration(migrations.Migration):
    dependencies = [
        ("widget", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="widget",
            name="locales",
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name="visitortoken",
            name="visit",
            field=livecaller.core.tenancy.models.TenantForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="widget.visit",
            ),
        ),
        AddTenantReference("VisitorToken", "visit"),
    ]
